import { expect, it } from '@jest/globals';
import { compileContextSchema } from './context-schema.js';

it('holds each path against its own pattern', () => {
  const property = (pattern: string) => ({ type: 'string', pattern });
  const check = compileContextSchema({
    type: 'object',
    properties: { zip: property('^\\d{5}$'), code: property('^[A-Z]+$') },
    patternProperties: { '^x-': { type: 'number' } },
  });
  expect(check({ zip: '12345', code: 'AB', 'x-a': 1 })).toEqual([]);
  expect(check({ zip: 'AB', code: 'AB' }).map(({ pointer }) => pointer)).toEqual(['#/zip']);
  expect(check({ zip: '12345', code: '12345' }).map(({ pointer }) => pointer)).toEqual(['#/code']);
  expect(check({ 'x-a': 'text', y: 'text' }).map(({ pointer }) => pointer)).toEqual(['#/x-a']);
});
