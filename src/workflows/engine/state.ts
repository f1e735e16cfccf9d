import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { ExecutionStatus } from './status.js';

/** Names one visit of one step. `scope` is '' for the workflow itself; visits count from 1. */
export interface StepRunKey {
  readonly stepId: string;
  readonly scope: string;
  readonly visit: number;
}

/** A visit that has begun and not ended; `attempt` counts from 1. */
export interface OpenStepRun extends StepRunKey {
  readonly attempt: number;
}

export interface StepError {
  readonly code: string;
  readonly message: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
}

/** All that decides how an execution goes on; JSON. */
export interface ExecutionState {
  readonly status: ExecutionStatus;
  readonly variables: JsonObject;
  /** What each step gave back at its last visit; `{error: {code, message}}` when it failed. */
  readonly outputs: JsonObject;
  readonly open: readonly OpenStepRun[];
  /** How often each step was begun. */
  readonly visits: Readonly<Record<string, number>>;
}

/** What happened to an execution. */
export type Outcome =
  | { readonly kind: 'started' }
  | ({ readonly kind: 'step-completed'; readonly output: JsonValue } & StepRunKey)
  | ({ readonly kind: 'step-failed'; readonly error: StepError } & OpenStepRun)
  | { readonly kind: 'cancel-requested' };

/** An attempt that is to run `delayMs` from now (0: at once). */
export interface StepStart extends OpenStepRun {
  readonly delayMs: number;
  /** The action's parameters, filled in; null for a delay. Left out on a retry, which keeps the input of its first attempt. */
  readonly input?: JsonValue;
}

/** A visit that needed no worker and began and ended within the transition: a condition, or a delay that cannot be told. */
export interface PassedStep extends StepRunKey {
  readonly output: JsonValue;
  readonly error?: StepError;
}

/** The state of an execution that has not started. */
export const initialState = (variables: JsonObject): ExecutionState => ({
  status: 'running',
  variables,
  outputs: {},
  open: [],
  visits: {},
});

/** What templates and conditions read: `variables`, `steps`, `execution`, and each variable by its bare name. */
export const scopeOf = (state: Pick<ExecutionState, 'variables' | 'outputs'>, executionId: string): JsonObject => ({
  ...state.variables,
  variables: state.variables,
  steps: state.outputs,
  execution: { id: executionId },
});
