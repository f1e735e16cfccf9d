import { expect, it } from '@jest/globals';
import type { JsonValue } from '../../src/kernel/json.js';
import { compileExpression, evaluateOnce } from '../../src/rules/engine/compile-expression.js';
import { EvaluationError } from '../../src/rules/engine/evaluation-error.js';
import type { RuleFunctions } from '../../src/rules/engine/expression.js';
import type { Facts } from '../../src/rules/engine/facts.js';
import { parseJsonLogic } from '../../src/rules/engine/json-logic.js';

const facts: Facts = {
  now: '2026-03-01T12:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: 'sales', permissions: [] },
};

/** Functions that rules of the cases may call: `refuses` fails as an engine's function does, `breaks` by accident. */
const functions: RuleFunctions = new Map([
  [
    'refuses',
    (): JsonValue => {
      throw new EvaluationError('too-small', 'Too small.');
    },
  ],
  [
    'breaks',
    (): JsonValue => {
      throw new Error('no luck');
    },
  ],
]);

/** JSONLogic, the context that it is evaluated over, and what it gives. */
export type Answer = readonly [logic: JsonValue, data: JsonValue, answer: JsonValue];

/** JSONLogic, the context that it is evaluated over, and how it fails. */
export type Failure = readonly [logic: JsonValue, data: JsonValue, code: string, message: string];

/** The value of JSONLogic over a context; `known` are the functions that are there when it runs. */
export function evaluateLogic(logic: JsonValue, data: JsonValue, known = functions): JsonValue {
  const { expression, nodeCount } = parseJsonLogic(logic, functions);
  return evaluateOnce(compileExpression(expression, known), nodeCount, data, facts);
}

/** A test for each case: the answer is that one exactly, also 0 and not -0. */
export const answers = (cases: readonly Answer[]): void =>
  it.each(cases)('%j over %j is %j', (logic, data, answer) => expect(evaluateLogic(logic, data)).toStrictEqual(answer));

/** A test for each case: it fails with that code and that message. */
export const failures = (cases: readonly Failure[]): void =>
  it.each(cases)('%j over %j fails with %s: %s', (logic, data, code, message) =>
    expect(() => evaluateLogic(logic, data)).toThrow(expect.objectContaining({ code, message })),
  );
