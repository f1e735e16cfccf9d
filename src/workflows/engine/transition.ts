import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { ConditionForm, WorkflowDefinition } from './definition.js';
import { stepOf } from './definition-index.js';
import type { Advance, FinishedStep, PassedStep, RearmedStep, RetriedStep, StepStart } from './outcome.js';
import type { ExecutionState, OpenStepRun, StepRunKey } from './state.js';
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

/** The working copy of a state while one outcome is applied to it. */
export interface Transition {
  readonly definition: WorkflowDefinition;
  readonly environment: Environment;
  readonly before: ExecutionState;
  status: ExecutionStatus;
  outputs: JsonObject;
  open: OpenStepRun[];
  visits: Record<string, number>;
  readonly starts: StepStart[];
  readonly retried: RetriedStep[];
  readonly passed: PassedStep[];
  readonly finished: FinishedStep[];
  readonly rearmed: RearmedStep[];
  errorMessage?: string;
}

/** A working copy that shares nothing changeable with the state. */
export const beginTransition = (
  definition: WorkflowDefinition,
  state: ExecutionState,
  environment: Environment,
): Transition => ({
  definition,
  environment,
  before: state,
  status: state.status,
  outputs: state.outputs,
  visits: state.visits,
  open: [...state.open],
  starts: [],
  retried: [],
  passed: [],
  finished: [],
  rearmed: [],
});

/** Ends a transition: works out the status and says what is to be stored. */
export const settle = (transition: Transition): Advance => {
  const status = statusOf(transition);
  const { before, outputs, open, visits, starts, retried, passed, finished, rearmed, errorMessage } = transition;
  const state: ExecutionState = { ...before, status, outputs, open, visits };
  const ended = isFinal(status) && { ended: { status, ...(errorMessage !== undefined && { errorMessage }) } };
  return { state, starts, retried, passed, finished, rearmed, ...ended };
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
