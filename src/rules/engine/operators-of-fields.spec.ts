import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../kernel/json.js';
import { compileExpression, evaluateOnce } from './compile-expression.js';
import { parseFieldConditions } from './field-conditions.js';

const facts = {
  now: '2026-03-01T12:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: 'sales', permissions: [] },
};

type Question = readonly [field: JsonValue, operator: string, value: JsonValue];

function holds([field, operator, value]: Question): JsonValue {
  const { expression, nodeCount } = parseFieldConditions([{ field: 'x', operator, value }]);
  return evaluateOnce(compileExpression(expression, new Map()), nodeCount, { x: field }, facts);
}

describe('operators of the field form', () => {
  it.each<Question>([
    ['abc', 'contains', 'b'],
    [['1', 1], 'contains', 1],
    ['abc', 'starts_with', 'ab'],
    ['abc', 'matches', 'b'],
    [{ a: 1 }, 'in', [{ a: 1 }]],
    [{ a: 1 }, 'in', [{ a: 2 }, 'x', { a: 1 }]],
    ['x', 'not_in', []],
    [1, 'between', [1, 2]],
    [2, 'between', [1, 2]],
    ['b', 'between', ['a', 'c']],
    ['', 'is_empty', true],
    [null, 'is_empty', true],
    [{}, 'is_empty', true],
    [0, 'is_empty', false],
    [[0], 'is_empty', false],
    ['x', 'is_empty', false],
    [null, 'exists', true],
    [2, 'greater_than', 1],
    [1, 'less_or_equal', 1],
  ])('%j %s %j holds', (...question) => expect(holds(question)).toBe(true));

  it.each<Question>([
    ['1', 'contains', 1],
    [[11], 'contains', 1],
    ['abc', 'starts_with', 'b'],
    ['abc', 'matches', '^b'],
    [1, 'in', ['1']],
    [1, 'not_in', [1]],
    [0.9, 'between', [1, 2]],
    [2.1, 'between', [1, 2]],
    [null, 'contains', 'x'],
    [null, 'starts_with', 'x'],
    [null, 'matches', 'x'],
    [null, 'between', [0, 1]],
    [null, 'greater_or_equal', 0],
    [null, 'less_or_equal', 0],
    [1, 'greater_than', 1],
    [1, 'less_than', 1],
    [0, 'is_empty', true],
    [[], 'is_empty', false],
  ])('%j %s %j does not hold', (...question) => expect(holds(question)).toBe(false));

  it.each<[...Question, string]>([
    [1, 'contains', 'x', 'contains needs a text or a list, not a number.'],
    [[], 'starts_with', 'x', 'starts_with needs a text, not a list.'],
    [{}, 'matches', 'x', 'matches needs a text, not an object.'],
  ])('%j %s %j has no answer', (field, operator, value, message) =>
    expect(() => holds([field, operator, value])).toThrow(expect.objectContaining({ code: 'type-mismatch', message })),
  );
});

describe('what is refused', () => {
  const known =
    'equals, not_equals, greater_than, greater_or_equal, less_than, less_or_equal, contains, starts_with, in, not_in, ' +
    'between, matches, exists, is_empty';
  const noOr = 'logicalOperator must be AND or OR.';
  it.each<[JsonValue, string]>([
    [[], 'conditions must be a list of at least one condition.'],
    [{}, 'conditions must be a list of at least one condition.'],
    [['x'], 'A condition is an object.'],
    [[{ field: 5, operator: 'exists' }], 'field must be a path.'],
    [[{ operator: 'exists' }], 'field must be a path.'],
    [[{ field: 'a', operator: 'exists', logicalOperator: 'or' }], noOr],
    [[{ field: 'a', operator: 'exists', logicalOperator: null }], noOr],
    [[{ field: 'a', operator: 'nope', value: 1 }], `There is no operator "nope"; known are ${known}.`],
    [[{ field: 'a', operator: 5, value: 1 }], `There is no operator 5; known are ${known}.`],
    [[{ field: 'a', value: 1 }], `There is no operator null; known are ${known}.`],
    [[{ field: 'a', operator: 'exists', value: 'x' }], 'exists takes no value, or true or false.'],
    [[{ field: 'a', operator: 'is_empty', value: null }], 'is_empty takes no value, or true or false.'],
    [[{ field: 'a', operator: 'equals' }], 'equals needs a value.'],
    [[{ field: 'a', operator: 'in', value: 'x' }], 'in and not_in need a list of values.'],
    [[{ field: 'a', operator: 'not_in', value: {} }], 'in and not_in need a list of values.'],
    [[{ field: 'a', operator: 'between', value: 'xy' }], 'between needs [lowest, highest].'],
    [[{ field: 'a', operator: 'between', value: [1, 2, 3] }], 'between needs [lowest, highest].'],
    [[{ field: 'a', operator: 'starts_with', value: 1 }], 'starts_with needs a text.'],
    [[{ field: 'a', operator: 'matches', value: 1 }], 'matches needs a regular expression as text.'],
  ])('%j: %s', (conditions, message) => {
    const { problems } = parseFieldConditions(conditions);
    expect(problems.map((problem) => problem.message)).toEqual([message]);
  });

  it('and each fault of a condition is told', () => {
    const { problems } = parseFieldConditions([{ field: '', operator: 'in', value: 1, logicalOperator: 'XOR' }]);
    expect(problems.map(({ pointer }) => pointer)).toEqual(['#/0/field', '#/0/logicalOperator', '#/0/value']);
  });

  it('also what is no regular expression, with the reason', () => {
    const [problem] = parseFieldConditions([{ field: 'a', operator: 'matches', value: '(' }]).problems;
    expect(problem?.code).toBe('invalid-pattern');
    expect(problem?.message).toMatch(/^The regular expression cannot be read \(RE2 syntax\): .+\.$/);
  });
});
