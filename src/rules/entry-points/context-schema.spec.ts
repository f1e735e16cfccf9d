import { expect, it } from '@jest/globals';
import { compileContextSchema } from './context-schema.js';

it('holds each value against the pattern of its own', () => {
  const check = compileContextSchema({
    type: 'object',
    properties: { letter: { pattern: '^(x|y)$' }, code: { pattern: '^[A-Z]{2}\\d{4}$' } },
  });
  expect(check({ letter: 'x', code: 'AB1234' })).toEqual([]);
  expect(check({ letter: 'z', code: 'ab' }).map(({ pointer }) => pointer)).toEqual(['#/letter', '#/code']);
});
