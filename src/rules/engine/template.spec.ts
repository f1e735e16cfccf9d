import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../kernel/json.js';
import { createScope } from './scope.js';
import { compileTemplate, isWholePlaceholder, placeholderPaths, valueAtPointer } from './template.js';

const facts = {
  now: '2026-03-01T12:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: 'sales', permissions: [] },
};
const data = { a: 1, b: [2, 3], c: { d: 'x' } };

describe('a template', () => {
  it.each<[JsonValue, JsonValue]>([
    ['{{a}}', 1],
    ['{{ b }}', [2, 3]],
    ['{{a}}{{a}}', '11'],
    ['n{{a}}', 'n1'],
    ['{{a}}n', '1n'],
    ['<{{a}}-{{c.d}}>', '<1-x>'],
    ['{{a}} {{open', '1 {{open'],
    ['}} {{a}}', '}} 1'],
    [
      ['{{a}}', 'n'],
      [1, 'n'],
    ],
    [
      { k: ['n', { '{{a}}': '{{c}}' }], n: null },
      { k: ['n', { '{{a}}': { d: 'x' } }], n: null },
    ],
    ['{{}}', data],
  ])('%j is filled in', (written, rendered) => {
    const template = compileTemplate(written);
    expect(template.isConstant).toBe(false);
    expect(template.render(createScope(data, facts, 0))).toStrictEqual(rendered);
  });

  it.each<[JsonValue]>([['n'], [''], ['{{open'], ['close}}'], [5], [null], [[]], [['n']], [{}], [{ k: ['n', 1] }]])(
    '%j is constant, and the value itself',
    (written) => {
      const template = compileTemplate(written);
      expect(template.isConstant).toBe(true);
      expect(template.render(createScope(data, facts, 0))).toBe(written);
    },
  );
});

it('a whole placeholder is one and nothing else', () => {
  expect(['{{a}}', '{{ a.b }}'].map(isWholePlaceholder)).toEqual([true, true]);
  expect(['', 'a', '{{a}}b', 'b{{a}}', '{{a}}{{b}}', '{{a'].map(isWholePlaceholder)).toEqual(Array(6).fill(false));
});

it('the paths of placeholders are found wherever they stand', () => {
  expect(placeholderPaths(['{{a}} and {{ b.c }}', { k: ['{{d}}', 5, null, 'n'] }])).toEqual(['a', 'b.c', 'd']);
  expect(placeholderPaths(null)).toEqual([]);
});

it('a JSON pointer leads to a member or an element', () => {
  const value = { a: [{ 'x/y': 1, 'm~n': 2 }], toJSON: null };
  expect(valueAtPointer(value, '')).toBe(value);
  expect(valueAtPointer(value, '/a/0/x~1y')).toBe(1);
  expect(valueAtPointer(value, '/a/0/m~0n')).toBe(2);
  expect(valueAtPointer(value, '/toJSON')).toBeNull();
  for (const none of ['/b', '/a/1', '/a/0/b/c', '/toString', '/a/0/x~1y/z']) {
    expect(valueAtPointer(value, none)).toBeUndefined();
  }
});
