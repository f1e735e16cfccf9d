import { conditionHolds } from '../definitions/conditions.js';
import { advance } from '../engine/advance.js';
import type { WorkflowDefinition } from '../engine/definition.js';
import type { Advance, Outcome } from '../engine/outcome.js';
import type { StepError, StepRunKey } from '../engine/state.js';
import type { Environment } from '../engine/transition.js';
import type { JsonValue } from '../../kernel/json.js';
import { stateOf, type Delivered, type ExecutionSnapshot, type HeldStep } from './execution-snapshot.js';

/** What a step's work came to. */
export type StepResult =
  | { readonly kind: 'step-completed'; readonly output: JsonValue }
  | { readonly kind: 'step-failed'; readonly error: StepError }
  /** Its timer came, and nothing else. */
  | { readonly kind: 'step-due' }
  /** Nobody begins it any more, because the execution is being stopped. */
  | { readonly kind: 'step-skipped' }
  /** The execution's active time was up. */
  | { readonly kind: 'timed-out' };

/** A step that ended, before the transition that follows from it. */
export interface StepEnd {
  readonly held: HeldStep;
  readonly definition: WorkflowDefinition;
  readonly result: StepResult;
}

/**
 * What follows from the end of a step, for the execution as the held step knows it. What was delivered comes first.
 * `elapsedMs` is this process's monotonic clock.
 */
export function transitionOf({ held, definition, result }: StepEnd, elapsedMs: number): Advance {
  const { stepId, scope, visit, attempt, execution, delivered } = held;
  const outcome = outcomeOf({ stepId, scope, visit }, attempt, delivered ? resultOf(delivered) : result);
  return advance(
    definition,
    stateOf(execution),
    outcome,
    environmentOf({ id: execution.id, now: presentOf(held, elapsedMs) }),
  );
}

/** The outcome of a run to which something was delivered. */
export const resultOf = (delivered: Delivered): StepResult =>
  'output' in delivered
    ? { kind: 'step-completed', output: delivered.output }
    : { kind: 'step-failed', error: { ...delivered.error, retryable: false } };

/** What the engine may know of the world besides the state. */
export function environmentOf({ id, now }: Pick<ExecutionSnapshot, 'id' | 'now'>): Environment {
  const at = { executionId: id, now: new Date(now) };
  return { ...at, seed: id, evaluate: (condition, scope) => conditionHolds(condition, scope, at) };
}

/** The database's present, reckoned from when it was last asked by this process's monotonic clock; ISO 8601. */
export const presentOf = ({ execution, readAt }: Pick<HeldStep, 'execution' | 'readAt'>, elapsedMs: number): string =>
  new Date(Date.parse(execution.now) + elapsedMs - readAt).toISOString();

const outcomeOf = (key: StepRunKey, attempt: number, result: StepResult): Outcome =>
  result.kind === 'step-failed' ? { ...result, ...key, attempt } : { ...result, ...key };
