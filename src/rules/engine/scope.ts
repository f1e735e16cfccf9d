import type { JsonValue } from '../../kernel/json.js';
import { workLimit } from './evaluation-error.js';
import type { Scope } from './expression.js';
import type { Facts } from './facts.js';

/** Units of work that one condition may do: an element visited, an element or a character produced. */
export const WORK_LIMIT = 1_000_000;

/** Ticks of the sandbox that all functions of one decision may take together; tens of milliseconds. */
export const FUNCTION_TICKS = 20_000_000;

/** The outermost scope, over a whole context. `nodeCount` is the largest number of nodes it will trace. */
export const createScope = (data: JsonValue, facts: Facts, nodeCount: number): Scope => ({
  data,
  index: 0,
  parent: null,
  trace: new Uint8Array(nodeCount),
  facts,
  budget: { left: WORK_LIMIT, functionTicks: FUNCTION_TICKS },
});

/** A scope inside another one, over an element or an error. */
export const innerScope = (parent: Scope, data: JsonValue): Scope => ({
  data,
  index: 0,
  parent,
  trace: parent.trace,
  facts: parent.facts,
  budget: parent.budget,
});

/** Takes work from the budget. @throws EvaluationError `work-limit` when it is used up. */
export function spend(scope: Scope, work: number): void {
  scope.budget.left -= work;
  if (scope.budget.left < 0) throw workLimit(WORK_LIMIT);
}
