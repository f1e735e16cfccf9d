import { expect, it } from '@jest/globals';
import type { JsonValue } from '../../kernel/json.js';
import { contextPathOf, pathAndLiteral } from './context-path.js';
import type { Operation } from './expression.js';
import { parseJsonLogic } from './json-logic.js';

const expressionOf = (logic: JsonValue) => parseJsonLogic(logic, new Map()).expression;

it.each<[JsonValue, readonly string[] | undefined]>([
  [{ var: 'a.b' }, ['a', 'b']],
  [{ var: '' }, []],
  [{ var: ['a', 5] }, ['a']],
  [{ val: ['a', 0, 'b.c'] }, ['a', '0', 'b.c']],
  [{ val: [] }, []],
  [{ val: 'a' }, ['a']],
  [{ var: 5 }, undefined],
  [{ var: [] }, undefined],
  [{ var: { var: 'a' } }, undefined],
  [{ val: ['a', { var: 'b' }] }, undefined],
  [{ val: [[1], 'index'] }, undefined],
  [{ val: ['a', null] }, undefined],
  [{ var: '$user.id' }, undefined],
  [{ val: ['$entity'] }, undefined],
  [{ cat: ['a'] }, undefined],
  ['a', undefined],
  [[{ var: 'a' }], undefined],
])('the path of %j is %j', (logic, path) => expect(contextPathOf(expressionOf(logic))).toEqual(path));

it.each<[JsonValue, readonly string[], JsonValue]>([
  [{ '==': [{ var: 'a' }, 1] }, ['a'], 1],
  [{ '<': [1, { var: 'a.b' }] }, ['a', 'b'], 1],
  [{ '===': ['x', { val: ['a'] }] }, ['a'], 'x'],
  [{ in: [{ var: 'a' }, ['x']] }, ['a'], ['x']],
])('%j compares a path with a constant', (logic, path, written) => {
  const sides = pathAndLiteral(expressionOf(logic) as Operation);
  expect(sides).toMatchObject({ path, written });
  expect(contextPathOf(sides!.read)).toEqual(path);
});

it.each<[JsonValue]>([
  [{ in: ['x', { var: 'a' }] }],
  [{ '==': [{ var: 'a' }, { var: 'b' }] }],
  [{ '==': [1, 2] }],
  [{ '==': [{ var: 'a' }, 1, 1] }],
  [{ '==': [1, 1, { var: 'a' }] }],
  [{ '==': [{ var: 'a' }] }],
  [{ '==': [] }],
  [{ '==': [[{ var: 'a' }], 1] }],
  [{ '==': [{ var: '$user.id' }, 'x'] }],
])('%j does not', (logic) => expect(pathAndLiteral(expressionOf(logic) as Operation)).toBeUndefined());
