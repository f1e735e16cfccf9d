import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { compileExpression, evaluateOnce } from './compile-expression.js';
import type { Facts } from './facts.js';
import { parseFieldConditions } from './field-conditions.js';

const facts: Facts = {
  now: '2026-03-01T12:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: 'sales', permissions: [] },
};

function holds(conditions: JsonValue, data: JsonObject): JsonValue {
  const { expression, nodeCount, problems } = parseFieldConditions(conditions);
  expect(problems).toEqual([]);
  return evaluateOnce(compileExpression(expression, new Map()), nodeCount, data, facts);
}

const lead = {
  company: { size: 'enterprise', tags: ['new', 'eu'] },
  score: 85,
  note: null,
  mail: 'a@b.example',
  empty: [],
};

it.each<[string, string, JsonValue, boolean]>([
  ['company.size', 'equals', 'enterprise', true],
  ['company.size', 'not_equals', 'enterprise', false],
  ['company.tags', 'equals', ['new', 'eu'], true],
  ['score', 'equals', '85', false],
  ['score', 'greater_than', 85, false],
  ['score', 'greater_or_equal', 85, true],
  ['score', 'less_than', 85.1, true],
  ['score', 'less_or_equal', 84, false],
  ['note', 'less_than', 5, false],
  ['note', 'greater_or_equal', 0, false],
  ['company.tags', 'contains', 'eu', true],
  ['mail', 'contains', '@b', true],
  ['note', 'contains', 'x', false],
  ['mail', 'starts_with', 'a@', true],
  ['company.size', 'in', ['small', 'enterprise'], true],
  ['company.size', 'not_in', ['small', 'enterprise'], false],
  ['score', 'between', [85, 90], true],
  ['score', 'between', [86, 90], false],
  ['mail', 'matches', '^[a-z]+@b\\.', true],
  ['mail', 'matches', '^b', false],
  ['note', 'exists', true, true],
  ['nothing.here', 'exists', true, false],
  ['nothing.here', 'exists', false, true],
  ['nothing.here', 'is_empty', true, true],
  ['empty', 'is_empty', true, true],
  ['score', 'is_empty', true, false],
  ['$user.role', 'equals', 'sales', true],
])('%s %s %j is %p', (field, operator, value, expected) => {
  expect(holds([{ field, operator, value }], lead)).toBe(expected);
});

describe('joining', () => {
  const is = (field: string, logicalOperator?: string) => ({
    field,
    operator: 'equals',
    value: 1,
    ...(logicalOperator && { logicalOperator }),
  });

  it.each([
    [1, 0, 0, true],
    [0, 1, 0, false],
    [0, 0, 1, false],
    [0, 1, 1, true],
  ])('a OR b AND c with %d %d %d is %p: AND binds tighter', (a, b, c, expected) => {
    expect(holds([is('a'), is('b', 'OR'), is('c', 'AND')], { a, b, c })).toBe(expected);
  });

  it('is AND when left out', () => {
    expect(holds([is('a'), is('b')], { a: 1, b: 0 })).toBe(false);
    expect(holds([is('a'), is('b')], { a: 1, b: 1 })).toBe(true);
  });

  it('stops where the answer is known, so what follows may be missing', () => {
    expect(holds([is('a'), is('missing', 'OR')], { a: 1 })).toBe(true);
    expect(holds([is('a'), is('missing')], { a: 0 })).toBe(false);
  });
});

describe('failures', () => {
  it('a missing path is named', () => {
    expect(() => holds([{ field: 'nonexistent.field', operator: 'equals', value: 'x' }], lead)).toThrow(
      expect.objectContaining({ code: 'missing-path', message: expect.stringContaining('nonexistent.field') }),
    );
  });

  it.each(['toString', 'company.constructor', '__proto__'])('%s is missing, not inherited', (field) => {
    expect(() => holds([{ field, operator: 'not_equals', value: 'x' }], lead)).toThrow(
      expect.objectContaining({ code: 'missing-path' }),
    );
  });

  it.each<[string, string, JsonValue]>([
    ['score', 'contains', 'x'],
    ['score', 'starts_with', 'x'],
    ['company', 'matches', 'x'],
  ])('%s %s has no answer', (field, operator, value) => {
    expect(() => holds([{ field, operator, value }], lead)).toThrow(expect.objectContaining({ code: 'type-mismatch' }));
  });

  it.each<[JsonValue, string, string]>([
    [[], '#', 'invalid-condition'],
    ['x', '#', 'invalid-condition'],
    [[null], '#/0', 'invalid-condition'],
    [[{ field: '', operator: 'exists' }], '#/0/field', 'invalid-condition'],
    [[{ field: 'a', operator: 'constructor', value: 1 }], '#/0/operator', 'unknown-operator'],
    [[{ field: 'a', operator: 'equals' }], '#/0/value', 'invalid-condition'],
    [[{ field: 'a', operator: 'in', value: 'x' }], '#/0/value', 'invalid-condition'],
    [[{ field: 'a', operator: 'between', value: [1] }], '#/0/value', 'invalid-condition'],
    [[{ field: 'a', operator: 'exists', value: 1 }], '#/0/value', 'invalid-condition'],
    [[{ field: 'a', operator: 'matches', value: '(?=x)' }], '#/0/value', 'invalid-pattern'],
    [[{ field: 'a', operator: 'exists', logicalOperator: 'XOR' }], '#/0/logicalOperator', 'invalid-condition'],
  ])('%j is refused at %s', (conditions, pointer, code) => {
    expect(parseFieldConditions(conditions).problems).toEqual([expect.objectContaining({ pointer, code })]);
  });
});

it('a regular expression that backtracking engines never finish is answered at once', () => {
  const started = performance.now();
  expect(holds([{ field: 'text', operator: 'matches', value: '^(a+)+$' }], { text: `${'a'.repeat(50_000)}!` })).toBe(
    false,
  );
  expect(performance.now() - started).toBeLessThan(2_000);
});
