import { expect, it } from '@jest/globals';
import type { JsonValue } from '../../kernel/json.js';
import { chooseKeys } from './choose-keys.js';
import type { IndexKey } from './index-key.js';

const key = (path: string, values: readonly JsonValue[], matchesAbsent = false): IndexKey => ({
  ...{ path, values, matchesAbsent },
  types: new Set(['string' as const]),
  pointer: `#/${path}`,
});
const chosen = (...rules: readonly IndexKey[][]) => chooseKeys(rules).map((one) => one?.path);

it('a rule without a key has none, and one with a single key has that', () => {
  expect(chosen([], [key('a', ['x'])])).toEqual([undefined, 'a']);
});

it('of keys that leave out as much the leftmost is taken', () => {
  expect(chosen([key('a', ['x']), key('b', ['x']), key('c', ['y'])])).toEqual(['a']);
});

it('a path at which more different values are asked for leaves out more', () => {
  const others = [[key('b', ['1'])], [key('b', ['2'])], [key('b', ['1'])]];
  expect(chosen([key('a', ['x']), key('b', ['3'])], ...others)).toEqual(['b', 'b', 'b', 'b']);
  expect(chosen([key('b', ['3']), key('a', ['x'])], ...others)).toEqual(['b', 'b', 'b', 'b']);
});

it('a key with fewer values is better, and one that is looked at where nothing stands is worse', () => {
  expect(chosen([key('a', ['x', 'y']), key('b', ['x'])], [key('b', ['y'])])).toEqual(['b', 'b']);
  expect(chosen([key('a', ['x'], true), key('b', ['x'])])).toEqual(['b']);
  expect(chosen([key('a', ['x']), key('b', ['x'], true)])).toEqual(['a']);
  // 2 of 4 against 1 of 3.
  expect(chosen([key('a', ['x'], true), key('b', ['x'])], [key('a', ['y'])])).toEqual(['b', 'a']);
});
