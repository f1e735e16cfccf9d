import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { ConditionForm, Step, WorkflowDefinition } from './definition.js';
import type { ExecutionState, OpenStepRun, PassedStep, StepRunKey, StepStart } from './state.js';
import { isFinal } from './status.js';
import type { ExecutionStatus } from './status.js';

/** What `advance` may know besides definition, state and outcome. */
export interface Environment {
  readonly executionId: string;
  /** The instant that calendar durations start from. */
  readonly now: Date;
  /** Seed of the jitter between retries. */
  readonly seed: string;
  /** Whether a condition holds over the scope; may throw. It is given the step's own configuration, so it may cache by it. */
  readonly evaluate: (condition: ConditionForm, scope: JsonObject) => boolean;
}

/** One transition: the new state, and what is to be stored and begun with it. */
export interface Advance {
  readonly state: ExecutionState;
  readonly starts: readonly StepStart[];
  readonly passed: readonly PassedStep[];
  /** Open runs that are over without an outcome. */
  readonly cancelled: readonly OpenStepRun[];
  readonly ended?: { readonly status: ExecutionStatus; readonly errorMessage?: string };
  /** The outcome was late, doubled or unknown: nothing changed. */
  readonly ignored?: true;
}

/** The working copy of a state while one outcome is applied to it. */
export interface Transition {
  readonly definition: WorkflowDefinition;
  readonly environment: Environment;
  readonly variables: JsonObject;
  status: ExecutionStatus;
  outputs: JsonObject;
  open: OpenStepRun[];
  visits: Record<string, number>;
  readonly starts: StepStart[];
  readonly passed: PassedStep[];
  readonly cancelled: OpenStepRun[];
  errorMessage?: string;
}

/** A working copy that shares nothing changeable with the state. */
export const beginTransition = (
  definition: WorkflowDefinition,
  state: ExecutionState,
  environment: Environment,
): Transition => ({ ...state, definition, environment, open: [...state.open], starts: [], passed: [], cancelled: [] });

/** Ends a transition: works out the status and says what is to be stored. */
export const settle = (transition: Transition): Advance => {
  const status = statusOf(transition);
  const { variables, outputs, open, visits, starts, passed, cancelled, errorMessage } = transition;
  const state: ExecutionState = { status, variables, outputs, open, visits };
  return { state, starts, passed, cancelled, ...(isFinal(status) && { ended: { status, errorMessage } }) };
};

/** The step of this id; a definition that was validated has it. */
export const stepOf = (definition: WorkflowDefinition, stepId: string): Step => {
  const step = definition.steps.find((candidate) => candidate.id === stepId);
  if (!step) throw new Error(`Step "${stepId}" is not in the definition of this execution.`);
  return step;
};

/** Takes a run out of the open ones; undefined when it is not open. */
export const close = (transition: Transition, key: StepRunKey): OpenStepRun | undefined => {
  const run = transition.open.find(
    ({ stepId, scope, visit }) => stepId === key.stepId && scope === key.scope && visit === key.visit,
  );
  transition.open = transition.open.filter((other) => other !== run);
  return run;
};

/** Writes what a step gave back; no other step writes there. */
export const setOutput = (transition: Transition, stepId: string, output: JsonValue): void => {
  transition.outputs = { ...transition.outputs, [stepId]: output };
};

const statusOf = ({ status, open, definition }: Transition): ExecutionStatus => {
  if (status === 'failed') return 'failed';
  if (open.length === 0) return status === 'cancelling' ? 'cancelled' : 'completed';
  if (status === 'cancelling') return 'cancelling';
  return open.every((run) => stepOf(definition, run.stepId).type === 'delay') ? 'waiting' : 'running';
};
