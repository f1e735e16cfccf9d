import type { JsonValue } from '../../kernel/json.js';
import { conditionHolds } from '../definitions/conditions.js';
import { advance } from '../engine/advance.js';
import type { WorkflowDefinition } from '../engine/definition.js';
import type { StepError } from '../engine/state.js';
import type { Advance, Environment } from '../engine/transition.js';
import { isSame } from './execution-events.js';
import { stateOf, type ExecutionSnapshot, type HeldStep } from './execution-snapshot.js';
import { timedOut } from './timed-out.js';
import type { EndedRun } from './transition-change.js';

/** What a step's work came to. */
export type StepResult = { readonly output: JsonValue } | { readonly error: StepError };

/** A step that ended, before the transition that follows from it. */
export interface StepEnd {
  readonly held: HeldStep;
  readonly definition: WorkflowDefinition;
  /** Undefined when the execution's time was up. */
  readonly result: StepResult | undefined;
}

/** What follows from the end of a step, for the execution as the held step knows it, and the row that ended. */
export function transitionOf({ held, definition, result }: StepEnd): { advanced: Advance; run: EndedRun } {
  const { stepId, scope, visit, attempt, execution } = held;
  const state = stateOf(execution);
  const key = { stepId, scope, visit };
  if (!result) {
    const advanced = timedOut(state, definition.settings.timeoutMs);
    // The run that timed out has ended itself; only the others were cancelled with it.
    const cancelled = advanced.cancelled.filter((run) => !isSame(run, held));
    const error = { code: 'timed-out', message: advanced.ended?.errorMessage ?? '', retryable: false };
    return { advanced: { ...advanced, cancelled }, run: { ...key, attempt, output: null, error } };
  }
  const environment = environmentOf(execution);
  if ('output' in result) {
    const { output } = result;
    const advanced = advance(definition, state, { kind: 'step-completed', ...key, output }, environment);
    return { advanced, run: { ...key, attempt, output } };
  }
  const { error } = result;
  const advanced = advance(definition, state, { kind: 'step-failed', ...key, attempt, error }, environment);
  return { advanced, run: { ...key, attempt, output: null, error } };
}

/** What the engine may know of the world besides the state. */
export function environmentOf({ id, now }: Pick<ExecutionSnapshot, 'id' | 'now'>): Environment {
  const at = { executionId: id, now: new Date(now) };
  return { ...at, seed: id, evaluate: (condition, scope) => conditionHolds(condition, scope, at) };
}
