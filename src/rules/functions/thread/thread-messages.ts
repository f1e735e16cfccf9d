import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import type { Decision } from '../../engine/decide.js';
import type { Facts } from '../../engine/facts.js';
import type { FunctionDefinition } from '../../engine/function-definition.js';
import type { PortableRuleSet } from '../../engine/portable-rule-set.js';
import type { FailurePolicy } from '../../engine/rule-set.js';
import type { CallFailure, CallOutcome } from '../sandbox/sandbox.js';

/** A decision by a rule set that the thread may know already, by its number. */
export interface DecideTask {
  readonly kind: 'decide';
  readonly ruleSetNumber: number;
  /** Given when the thread asked for it. */
  readonly ruleSet?: PortableRuleSet;
  readonly failurePolicy: FailurePolicy;
  readonly context: JsonObject;
  readonly facts: Facts;
}

/** One call of a function, to try it. */
export interface CallTask {
  readonly kind: 'call';
  readonly definition: FunctionDefinition;
  readonly args: readonly JsonValue[];
  /** ISO 8601. */
  readonly now: string;
  readonly seed: string;
}

/** Whether a function can be compiled. */
export interface CheckTask {
  readonly kind: 'check';
  readonly definition: FunctionDefinition;
}

/** What the thread is asked to do; it does one thing after the other. */
export type ThreadTask = DecideTask | CallTask | CheckTask;

/** What a task comes to. */
export interface ThreadResults {
  /** Undefined when the thread does not know the rule set, which must then be sent along. */
  readonly decide: Decision | undefined;
  readonly call: CallOutcome & { readonly durationMs: number };
  /** Undefined when nothing speaks against it. */
  readonly check: CallFailure | undefined;
}

/** What the thread answers. */
export interface ThreadAnswer {
  readonly result: ThreadResults[ThreadTask['kind']];
  /** What became of the calls of functions, by `succeeded` or the code of the failure. */
  readonly calls: Readonly<Record<string, number>>;
}
