import type { JsonValue } from '../../kernel/json.js';
import { conditionHolds } from '../definitions/conditions.js';
import { advance } from '../engine/advance.js';
import type { WorkflowDefinition } from '../engine/definition.js';
import type { Advance, Outcome } from '../engine/outcome.js';
import type { OpenStepRun, StepError } from '../engine/state.js';
import type { Environment } from '../engine/transition.js';
import { stateOf, type ExecutionSnapshot, type HeldStep } from './execution-snapshot.js';

/** What a step's work came to. */
export type StepResult = { readonly output: JsonValue } | { readonly error: StepError };

/** A step that ended, before the transition that follows from it. */
export interface StepEnd {
  readonly held: HeldStep;
  readonly definition: WorkflowDefinition;
  /** Undefined when the execution's time was up. */
  readonly result: StepResult | undefined;
}

/** What follows from the end of a step, for the execution as the held step knows it. */
export function transitionOf({ held, definition, result }: StepEnd): Advance {
  const { stepId, scope, visit, attempt, execution } = held;
  return advance(
    definition,
    stateOf(execution),
    outcomeOf({ stepId, scope, visit, attempt }, result),
    environmentOf(execution),
  );
}

function outcomeOf(run: OpenStepRun, result: StepResult | undefined): Outcome {
  if (!result) return { kind: 'timed-out', ...run };
  return 'output' in result
    ? { kind: 'step-completed', ...run, ...result }
    : { kind: 'step-failed', ...run, ...result };
}

/** What the engine may know of the world besides the state. */
export function environmentOf({ id, now }: Pick<ExecutionSnapshot, 'id' | 'now'>): Environment {
  const at = { executionId: id, now: new Date(now) };
  return { ...at, seed: id, evaluate: (condition, scope) => conditionHolds(condition, scope, at) };
}
