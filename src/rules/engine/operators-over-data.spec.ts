import { describe, expect, it } from '@jest/globals';
import { answers, evaluateLogic, failures } from '../../../test/support/operator-cases.js';

describe('paths', () => {
  answers([
    [{ var: [] }, { a: 1 }, { a: 1 }],
    [{ var: '' }, { a: 1 }, { a: 1 }],
    [{ var: null }, { a: 1 }, { a: 1 }],
    [{ var: 1 }, ['x', 'y'], 'y'],
    [{ var: ['x', 5] }, {}, 5],
    [{ var: ['x', 5] }, { x: null }, null],
    [{ var: [{ var: 'name' }, 5] }, { name: 'y' }, 5],
    [{ var: [{ var: 'name' }, 5] }, { name: 'y.z', y: { z: 0 } }, 0],
    [{ var: 'a.b.c' }, { a: { b: { c: 3 } } }, 3],
    [{ var: 'a.b.c' }, { a: { b: 'text' } }, null],
    [{ var: 'a.b' }, { a: null }, null],
    [{ var: 'a.toString' }, { a: null }, null],
    [{ var: 'a.b.c.d' }, { a: {} }, null],
    [{ val: [] }, { a: 1 }, { a: 1 }],
    [{ val: 'a' }, { a: 1 }, 1],
    [{ val: ['a', 0] }, { a: [7] }, 7],
    [{ val: ['a', { var: 'i' }] }, { a: [7, 8], i: 1 }, 8],
    [{ val: { var: 'keys' } }, { keys: ['a', 'b'], a: { b: 2 } }, 2],
    [{ val: [[0], 'a'] }, { a: 1 }, 1],
    [{ val: [[], 'a'] }, { a: 1 }, 1],
    [{ val: [[1], 'index'] }, { a: 1 }, null],
    [{ val: [[2], 'a'] }, { a: 1 }, null],
    [{ exists: 'a' }, { a: null }, true],
    [{ exists: ['a', 'b'] }, { a: {} }, false],
    [{ exists: ['$user', 'id'] }, {}, true],
  ]);
});

describe('contexts around an iterator', () => {
  const nested = (keys: (string | number[])[]) => ({ map: [[5], { map: [[6, 7], { val: keys }] }] });
  answers([
    [nested([[1], 'index']), { a: 1 }, [[0, 1]]],
    [nested([[-1], 'index']), { a: 1 }, [[0, 1]]],
    [nested([[1], 'other']), { a: 1 }, [[null, null]]],
    [nested([[2]]), { a: 1 }, [[5, 5]]],
    [nested([[3], 'index']), { a: 1 }, [[0, 0]]],
    [nested([[4], 'a']), { a: 1 }, [[1, 1]]],
    [nested([[5], 'index']), { a: 1 }, [[null, null]]],
    [nested([[6], 'a']), { a: 1 }, [[null, null]]],
    [{ reduce: [[5, 6, 7], { val: [[1], 'index'] }, 0] }, null, 2],
  ]);
});

describe('what is missing', () => {
  answers([
    [{ missing: [] }, {}, []],
    [{ missing: 'a' }, {}, ['a']],
    [{ missing: [['a', 'b'], 'c'] }, { a: 1 }, ['b']],
    [{ missing: ['a', 'b', 'c', 'd'] }, { a: '', b: null, c: 0 }, ['a', 'b', 'd']],
    [{ missing: { var: 'asked' } }, { asked: ['asked', 'x'] }, ['x']],
    [{ missing_some: [2, ['a', 'b']] }, { a: 1 }, ['b']],
    [{ missing_some: [1, ['a', 'b']] }, { a: 1 }, []],
    [{ missing_some: [0, ['a', 'b']] }, {}, []],
  ]);
  failures([
    [{ missing_some: [1, 'x'] }, {}, 'invalid-arguments', 'missing_some needs a number and a list.'],
    [{ missing_some: [] }, {}, 'invalid-arguments', 'missing_some needs a number and a list.'],
  ]);
});

describe('lists', () => {
  const refusal = 'An iterator needs a list and an expression for its elements.';
  answers([
    [{ merge: [1, [2, 3], [[4]]] }, null, [1, 2, 3, [4]]],
    [{ merge: [] }, null, []],
    [{ preserve: [1, { var: 'x' }] }, null, [1, { var: 'x' }]],
    [{ map: [{ var: 'x' }, { '+': [{ var: '' }, 1] }] }, { x: [1, 2] }, [2, 3]],
    [{ map: [{ var: 'x' }, 1] }, {}, []],
    [{ filter: [[0, 1, 2], { var: '' }] }, null, [1, 2]],
    [{ reduce: [[1, 2, 3], { '+': [{ var: 'current' }, { var: 'accumulator' }] }] }, null, 6],
    [{ reduce: [[], 1] }, null, null],
    [{ reduce: [{ var: 'x' }, 1, 'start'] }, {}, 'start'],
    [{ reduce: [[3], { var: 'current' }, 1] }, null, 3],
    [{ all: [[1, 2], { var: '' }] }, null, true],
    [{ all: [[1, 0], { var: '' }] }, null, false],
    [{ some: [[0, 2], { var: '' }] }, null, true],
    [{ some: [[0, 0], { var: '' }] }, null, false],
    [{ none: [[0, 0], { var: '' }] }, null, true],
    [{ none: [[0, 1], { var: '' }] }, null, false],
  ]);
  failures([
    [{ map: { var: 'x' } }, { x: [[1], 1] }, 'invalid-arguments', refusal],
    [{ map: [5, 1] }, null, 'invalid-arguments', refusal],
    [{ map: [[1]] }, null, 'invalid-arguments', refusal],
    [{ map: [] }, null, 'invalid-arguments', refusal],
    [{ filter: [[1], null] }, null, 'invalid-arguments', refusal],
    [{ filter: [null, 1] }, null, 'invalid-arguments', refusal],
    [{ reduce: [[1]] }, null, 'invalid-arguments', refusal],
    [{ reduce: { var: 'x' } }, { x: [[1], 1] }, 'invalid-arguments', refusal],
    [{ reduce: ['x', 1] }, null, 'invalid-arguments', refusal],
    [{ some: [[1]] }, null, 'invalid-arguments', refusal],
    [{ all: { var: 'x' } }, { x: [[1], 1] }, 'invalid-arguments', refusal],
    [{ none: [null, 1] }, null, 'invalid-arguments', refusal],
  ]);

  it('an iterator stops at the element that decides', () => {
    const from = (name: string) => ({ [name]: [[0, 1, 'x'], { '/': [1, { '-': [1, { var: '' }] }] }] });
    expect(evaluateLogic(from('some'), null)).toBe(true);
    expect(evaluateLogic(from('none'), null)).toBe(false);
    expect(() => evaluateLogic(from('all'), null)).toThrow(expect.objectContaining({ code: 'not-a-number' }));
  });
});

describe('functions', () => {
  failures([
    [{ fn: ['refuses'] }, null, 'too-small', 'Too small.'],
    [{ fn: ['breaks'] }, null, 'function-failed', 'The function "breaks" failed: no luck'],
  ]);

  it('that are gone when the rule runs fail it', () => {
    expect(() => evaluateLogic({ fn: ['breaks'] }, null, new Map())).toThrow(
      expect.objectContaining({ code: 'unknown-function', message: 'There is no function "breaks".' }),
    );
  });
});

describe('work', () => {
  it.each([
    ['map', { map: [[0, 0], 1] }],
    ['filter', { filter: [[0, 0], 1] }],
    ['all', { all: [[1, 1], 1] }],
    ['reduce', { reduce: [[0, 0], 1, 1] }],
    ['merge', { merge: [0, [0]] }],
    ['cat', { cat: ['x', 'x'] }],
  ])('of %s is one unit for each element or character, and a million are allowed', (_, logic) => {
    const beside = (length: number) => evaluateLogic([{ cat: [{ var: '' }] }, logic], 'x'.repeat(length));
    expect(() => beside(999_998)).not.toThrow();
    expect(() => beside(999_999)).toThrow(expect.objectContaining({ code: 'work-limit' }));
  });
});
