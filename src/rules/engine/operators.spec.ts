import { describe } from '@jest/globals';
import { answers, failures } from '../../../test/support/operator-cases.js';

describe('numbers', () => {
  answers([
    [{ '+': [] }, null, 0],
    [{ '*': [] }, null, 1],
    [{ '+': ['3'] }, null, 3],
    [{ '*': ['3'] }, null, 3],
    [{ '-': ['3'] }, null, -3],
    [{ '/': [4] }, null, 0.25],
    [{ '+': [1, 2, 3] }, null, 6],
    [{ '-': [10, 2, 3] }, null, 5],
    [{ '*': [2, 3, 4] }, null, 24],
    [{ '/': [24, 3, 2] }, null, 4],
    [{ '%': [17, 10, 4] }, null, 3],
    [{ '*': [-1, 0] }, null, 0],
    [{ '+': { var: 'n' } }, { n: 5 }, 5],
    [{ '+': { var: 'n' } }, { n: [5, true, null] }, 6],
    [{ max: [1, 5, 3] }, null, 5],
    [{ min: [4, 2, 3] }, null, 2],
  ]);

  const few = 'The operator needs more operands.';
  const infinite = 'The result is not a finite number.';
  failures([
    [{ '-': [] }, null, 'invalid-arguments', few],
    [{ '/': [] }, null, 'invalid-arguments', few],
    [{ '%': [7] }, null, 'invalid-arguments', few],
    [{ max: [] }, null, 'invalid-arguments', few],
    [{ min: { var: 'n' } }, { n: [] }, 'invalid-arguments', few],
    [{ '/': [1, 0] }, null, 'not-a-number', infinite],
    [{ '/': [0] }, null, 'not-a-number', infinite],
    [{ '*': [1e308, 10, 0] }, null, 'not-a-number', infinite],
    [{ '+': ['x', 1] }, null, 'not-a-number', 'A number is needed here, not a text.'],
    [{ '+': [[1], 1] }, null, 'not-a-number', 'A number is needed here, not a list.'],
    [{ '+': [{ var: '' }, 1] }, {}, 'not-a-number', 'A number is needed here, not an object.'],
  ]);
});

describe('comparisons', () => {
  answers([
    [{ '<': [1, 2, 3] }, null, true],
    [{ '<': [1, 3, 2] }, null, false],
    [{ '<': [3, 1, { throw: 'late' }] }, null, false],
    [{ '<=': ['a', 'a', 'b'] }, null, true],
    [{ '<': [{ var: 'a' }, 5, { var: 'b' }] }, { a: 1, b: 9 }, true],
    [{ '<': [{ var: 'a' }, 5, { var: 'b' }] }, { a: 1, b: 2 }, false],
    [{ '===': [{ var: 'a.b' }, 5, 6] }, { a: { b: 5 } }, false],
    [{ '<': ['a', 'a'] }, null, false],
    [{ '!=': [1, '1'] }, null, false],
    [{ '!=': ['a', 'b'] }, null, true],
    [{ '!=': ['a', 'a', 'b'] }, null, false],
    [{ '>': ['b', 'a'] }, null, true],
    [{ '>': ['a', 'b'] }, null, false],
    [{ '>=': [1, null] }, null, true],
    [{ '<': [null, 'x'] }, null, false],
    [{ '<': ['x', null] }, null, false],
    [{ '==': [[], null] }, null, false],
    [{ '===': [[1, 2], [1]] }, null, false],
    [{ '===': [[null], [null]] }, null, true],
    [{ '===': [[1, null], [1]] }, null, false],
    [{ '===': [[1], [1, 2]] }, null, false],
    [
      {
        '===': [
          [1, 2],
          [1, 3],
        ],
      },
      null,
      false,
    ],
    [{ '===': [5, { var: 'a' }] }, { a: {} }, false],
    [{ '===': [null, { var: 'a' }] }, { a: {} }, false],
    [{ '===': [{ var: 'a' }, { var: 'b' }] }, { a: { x: 1, y: 2 }, b: { x: 1, y: 3 } }, false],
    [{ '===': [{ var: 'a' }, { var: 'b' }] }, { a: { x: 1 }, b: { y: 1 } }, false],
    [{ '===': [{ var: 'a' }, { var: 'b' }] }, { a: { x: 1 }, b: { x: 1, y: 1 } }, false],
    [{ '===': [{ var: 'a' }, { var: 'b' }] }, { a: { x: null }, b: { y: null } }, false],
    [{ '===': [{ var: 'a' }, { var: 'b' }] }, { a: { x: 1, y: 2 }, b: { y: 2, x: 1 } }, true],
    [{ '===': [{ var: 'a' }, null] }, { a: {} }, false],
    [{ '===': [{ var: 'a' }, []] }, { a: {} }, false],
    [{ '===': [[], { var: 'a' }] }, { a: {} }, false],
  ]);

  const incomparable = 'The two sides cannot be compared as numbers.';
  const few = 'A comparison needs a list of at least two operands.';
  failures([
    [{ '<': [1, 'x'] }, null, 'not-a-number', incomparable],
    [{ '==': ['x', 1] }, null, 'not-a-number', incomparable],
    [{ '<': [{ var: '' }, 1] }, {}, 'not-a-number', incomparable],
    [{ '<': [1] }, null, 'invalid-arguments', few],
    [{ '<': [] }, null, 'invalid-arguments', few],
    [{ '===': { var: 'x' } }, { x: [1, 1] }, 'invalid-arguments', few],
  ]);
});

describe('truth and choice', () => {
  answers([
    [{ and: [] }, null, false],
    [{ or: [] }, null, false],
    [{ and: [0, { throw: 'late' }] }, null, 0],
    [{ or: ['', 0] }, null, 0],
    [{ or: [[], {}] }, null, {}],
    [{ if: [] }, null, null],
    [{ if: [0, 1] }, null, null],
    [{ if: ['0', 1, { throw: 'late' }] }, null, 1],
    [{ '?:': [0, 1, 2] }, null, 2],
    [{ if: [7] }, null, 7],
    [{ '!': [] }, null, true],
    [{ '!!': [] }, null, false],
    [{ '!!': [[0]] }, null, true],
    [{ '??': [] }, null, null],
    [{ '??': [null, 0, 1] }, null, 0],
    [{ '??': [null, null] }, null, null],
    [{ try: [{ throw: 'a' }, { var: 'type' }] }, { type: 'outer' }, 'a'],
    [{ try: [{ throw: 'a' }, { throw: 'b' }, { var: 'type' }] }, null, 'b'],
    [{ try: [{ fn: ['refuses'] }, { var: 'type' }] }, null, 'too-small'],
    [{ try: [{ throw: { var: 'x' } }, { exists: 'type' }] }, { x: null }, true],
  ]);

  const form = 'The operator needs its arguments as a list.';
  failures([
    [{ and: { var: 'x' } }, { x: [1] }, 'invalid-arguments', form],
    [{ or: true }, null, 'invalid-arguments', form],
    [{ if: { var: 'x' } }, { x: [1, 2] }, 'invalid-arguments', form],
    [{ try: [] }, null, 'invalid-arguments', form],
    [{ try: [{ throw: 'a' }, { throw: 'b' }] }, null, 'thrown', 'The rule threw "b".'],
    [{ throw: [] }, null, 'thrown', 'The rule threw null.'],
    [{ throw: { var: 'x' } }, { x: null }, 'thrown', 'The rule threw null.'],
    [{ throw: { var: 'x' } }, { x: [1] }, 'thrown', 'The rule threw a list.'],
    [{ throw: { var: 'x' } }, { x: {} }, 'thrown', 'The rule threw an object.'],
    [{ throw: { var: 'x' } }, { x: 1 }, 'thrown', 'The rule threw a number.'],
    [{ throw: { var: 'x' } }, { x: true }, 'thrown', 'The rule threw true or false.'],
  ]);
});

describe('texts', () => {
  answers([
    [{ substr: ['decision', 2] }, null, 'cision'],
    [{ substr: ['decision', 2, 3] }, null, 'cis'],
    [{ substr: ['decision', 0, 2] }, null, 'de'],
    [{ substr: ['decision', 2, 0] }, null, ''],
    [{ substr: ['decision', 2, -3] }, null, 'cis'],
    [{ substr: ['abc', -5, 2] }, null, 'ab'],
    [{ substr: ['abc', -2] }, null, 'bc'],
    [{ in: [null, 'null'] }, null, false],
    [{ in: ['', 'abc'] }, null, true],
    [{ in: ['x', null] }, null, false],
    [{ in: [1, 'a1'] }, null, true],
    [{ in: [1, 5] }, null, false],
    [{ in: [[1], [[1], 2]] }, null, true],
    [{ cat: [] }, null, ''],
    [{ cat: 'a' }, null, 'a'],
    [{ cat: [[1, [null, 'b']], { var: 'x' }] }, { x: { b: 1, a: 2 } }, '1,,b{"a":2,"b":1}'],
    [{ cat: { var: 'x' } }, { x: ['a', 'b'] }, 'ab'],
    [{ cat: { var: 'x' } }, { x: 'ab' }, 'ab'],
  ]);

  failures([
    [{ substr: ['abc'] }, null, 'invalid-arguments', 'substr needs a text and a start.'],
    [{ substr: [] }, null, 'invalid-arguments', 'substr needs a text and a start.'],
  ]);
});
