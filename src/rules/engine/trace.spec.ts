import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../../../test/support/property-runs.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { compileExpression, failedOperation } from './compile-expression.js';
import type { ParsedExpression } from './expression.js';
import type { Facts } from './facts.js';
import { parseFieldConditions } from './field-conditions.js';
import { parseJsonLogic } from './json-logic.js';
import { createScope } from './scope.js';
import { decodeTrace, encodeTrace, TraceState } from './trace.js';

const facts: Facts = {
  now: '2026-03-01T12:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: 'sales', permissions: [] },
};

const { NotReached, False, True, Error: Failed } = TraceState;

it('what is written is read again', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 70 }), (states) => {
      const text = encodeTrace(Uint8Array.from(states), states.length);
      expect(text).toBe(Buffer.from(text, 'base64url').toString('base64url'));
      expect(text).toHaveLength(Math.ceil((Math.ceil(states.length / 4) * 4) / 3));
      expect([...decodeTrace(text, states.length)]).toEqual(states);
    }),
  );
});

it('states that belong to no node are left out', () => {
  expect(encodeTrace(Uint8Array.from([2, 3, 3, 3, 3]), 1)).toBe(encodeTrace(Uint8Array.from([2]), 1));
});

describe('evaluation', () => {
  function traceOf({ expression, nodeCount }: ParsedExpression, data: JsonValue) {
    const scope = createScope(data, facts, nodeCount);
    try {
      compileExpression(expression, new Map())(scope);
    } catch {
      return { states: [...scope.trace], pointer: failedOperation(expression, scope.trace)?.pointer };
    }
    return { states: [...scope.trace] };
  }
  const logic: JsonValue = { and: [{ '==': [{ var: 'a' }, 1] }, { or: [{ '>': [{ var: 'b' }, 5] }, { var: 'c' }] }] };

  it('numbers nodes in pre-order and notes each', () => {
    // and, ==, var a, or, >, var b, var c
    const parsed = parseJsonLogic(logic, new Map());
    expect(traceOf(parsed, { a: 1, b: 9, c: 0 })).toEqual({ states: [True, True, True, True, True, True, NotReached] });
    expect(traceOf(parsed, { a: 2 })).toEqual({ states: [False, False, True, ...Array<number>(4).fill(NotReached)] });
    expect(traceOf(parsed, { a: 1, b: 0 })).toEqual({ states: [False, True, True, False, False, False, False] });
  });

  it('of a path against a constant is the same in one closure as in several', () => {
    const names = fc.constantFrom('==', '!=', '===', '!==', '<', '<=', '>', '>=');
    const value = fc.constantFrom<JsonValue>(null, true, 0, 1, -2.5, '', '1', 'x', [], [1]);
    const path = fc.constantFrom<JsonValue>(
      { var: 'a' },
      { var: ['b.c', 1] },
      { val: ['b', 'c', 'd'] },
      { var: 'toString' },
    );
    const data = fc.record<JsonObject>({ a: value, b: fc.record({ c: value }) }, { requiredKeys: [] });
    const run = (logic: JsonValue, input: JsonValue) => {
      const { expression, nodeCount } = parseJsonLogic(logic, new Map());
      const scope = createScope(input, facts, nodeCount);
      const evaluate = compileExpression(expression, new Map());
      try {
        return { result: evaluate(scope), states: [...scope.trace.subarray(0, 2)] };
      } catch (error) {
        return { result: String(error), states: [...scope.trace.subarray(0, 2)] };
      }
    };
    fc.assert(
      fc.property(names, path, value, data, (name, left, right, input) => {
        // What is computed, if only by preserve, is no constant to the compiler.
        expect(run({ [name]: [left, right] }, input)).toEqual(run({ [name]: [left, { preserve: right }] }, input));
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });

  it('numbers the same text the same way every time', () => {
    const text = JSON.stringify(parseJsonLogic(logic, new Map()).expression);
    expect(JSON.stringify(parseJsonLogic(structuredClone(logic), new Map()).expression)).toBe(text);
  });

  it('leaves what failed in error, and finds the place', () => {
    const failing: JsonValue = { and: [true, { try: [{ '/': [1, 0] }, true] }, { '>': [{ var: 'b' }, 1] }] };
    expect(traceOf(parseJsonLogic(failing, new Map()), { b: 'text' })).toEqual({
      states: [Failed, True, Failed, Failed, True],
      pointer: '#/and/2/%3E',
    });
  });

  it('finds the place within a list, also where the list is the whole condition', () => {
    const failing: JsonValue = [true, { var: 'a' }, { '!': [{ '/': [1, 0] }] }];
    expect(traceOf(parseJsonLogic(failing, new Map()), {}).pointer).toBe('#/2/!/0/~1');
    const nested: JsonValue = { cat: [['x', { '%': [1] }]] };
    expect(traceOf(parseJsonLogic(nested, new Map()), {}).pointer).toBe('#/cat/0/1/%25');
  });

  it('of branches that all failed names the last', () => {
    const failing: JsonValue = { try: [{ '/': [1, 0] }, { '%': [1] }] };
    expect(traceOf(parseJsonLogic(failing, new Map()), null).pointer).toBe('#/try/1/%25');
  });

  it('covers the field form', () => {
    const conditions: JsonValue = [
      { field: 'a', operator: 'equals', value: 1 },
      { field: 'b', operator: 'equals', value: 1, logicalOperator: 'OR' },
    ];
    // or, equals, field a, equals, field b
    const parsed = parseFieldConditions(conditions, '#/conditions');
    expect(traceOf(parsed, { a: 1 })).toEqual({ states: [True, True, True, NotReached, NotReached] });
    expect(traceOf(parsed, { a: 0 })).toEqual({
      states: [Failed, False, False, Failed, Failed],
      pointer: '#/conditions/1/field',
    });
  });
});
