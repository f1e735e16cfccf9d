import { expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { indexCandidates } from './candidate-index.js';
import type { IndexKey } from './index-key.js';
import { createScope } from './scope.js';

const facts = {
  ...{ now: '2026-03-01T12:00:00.000Z', seed: 's', arms: {}, acknowledgments: {}, preferences: {} },
  user: { id: 'u-1', role: 'sales', permissions: [] },
};
const key = (path: string, values: readonly JsonValue[], matchesAbsent = false): IndexKey => ({
  ...{ path, values, matchesAbsent },
  types: new Set(['string' as const]),
  pointer: '#',
});
const found = (keys: readonly (IndexKey | undefined)[], context: JsonObject) =>
  indexCandidates(keys)(createScope(context, facts, 0));

const keys = [
  key('a', ['x', 'y']),
  undefined,
  key('b.c', ['z'], true),
  key('a', ['x']),
  key('a', ['y'], true),
  undefined,
  key('b.c', ['x', 'z']),
];

it.each<[string, JsonObject, number[]]>([
  ['by the values at two paths', { a: 'x', b: { c: 'z' } }, [0, 1, 2, 3, 5, 6]],
  ['by another value', { a: 'y', b: { c: 'x' } }, [0, 1, 4, 5, 6]],
  ['none but those without a key, over values that nobody asks for', { a: 'n', b: { c: 'n' } }, [1, 5]],
  ['what is looked at where the path leads nowhere', {}, [1, 2, 4, 5]],
  ['all of a path, over a type that the schema does not allow', { a: 5, b: { c: 'n' } }, [0, 1, 3, 4, 5]],
  ['all, over null that it does not allow', { a: null, b: { c: null } }, [0, 1, 2, 3, 4, 5, 6]],
])('finds %s, in order', (_, context, positions) => expect(found(keys, context)).toEqual(positions));

it('finds all where none has a key, and the keyed alone where each has one', () => {
  expect(found([undefined, undefined], { a: 'x' })).toEqual([0, 1]);
  expect(found([], {})).toEqual([]);
  expect(found([key('a', ['x']), key('b.c', ['x']), key('a', ['x'])], { a: 'x' })).toEqual([0, 2]);
});
