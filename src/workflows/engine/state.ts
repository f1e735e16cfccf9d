import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Assignment } from './steps.js';
import type { ExecutionStatus } from './status.js';

/** Names one visit of one step. `scope` is '' for the workflow itself; visits count from 1. */
export interface StepRunKey {
  readonly stepId: string;
  readonly scope: string;
  readonly visit: number;
}

/** What a timer of an open run brings. */
export type Timer = Notice | { readonly kind: 'timeout'; readonly at: string };

/** A timer that tells somebody of a human task, which then goes on; `at` is an instant, ISO 8601. */
export type Notice =
  | { readonly kind: 'reminder'; readonly at: string }
  | { readonly kind: 'escalation'; readonly at: string; readonly to?: Assignment };

/** A visit that has begun and not ended; `attempt` counts from 1. Of a parallel or for_each too, while its parts run. */
export interface OpenStepRun extends StepRunKey {
  readonly attempt: number;
  /** The timers of a human task or of a wait that are still to come, in their order. */
  readonly timers?: readonly Timer[];
}

export interface StepError {
  readonly code: string;
  readonly message: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** Milliseconds that whoever refused wants to be spared for; absent when they did not say. */
  readonly retryAfterMs?: number;
}

/** One branch of a parallel, or one item of a for_each, while it runs. */
export interface ScopeState {
  readonly owner: StepRunKey;
  /** Of the branch or the item, from 0. */
  readonly index: number;
  readonly item?: JsonValue;
  /** The name under which the body reads its item. */
  readonly as?: string;
  /** An item's own: what its steps gave back. The branches of a parallel share those around it. */
  readonly outputs?: JsonObject;
}

/** How one branch of a parallel stands. */
export interface BranchState {
  readonly status: 'running' | 'completed' | 'failed' | 'cancelled';
  /** The step that it ended with, or that was open when it was cancelled. */
  readonly lastStep: string | null;
}

/** What the parts of an open parallel or for_each came to so far. */
export type GroupState =
  | { readonly kind: 'parallel'; readonly branches: readonly BranchState[] }
  | {
      readonly kind: 'for_each';
      readonly items: readonly JsonValue[];
      /** How many items began. */
      readonly begun: number;
      /** How many ended. */
      readonly ended: number;
      /** What the last step of each item gave back; null until then. */
      readonly results: readonly JsonValue[];
    };

/** What is to be done to undo one completed visit. */
export interface Compensation {
  /** The step that undoes it. */
  readonly stepId: string;
  readonly of: StepRunKey;
  /** The parameters, filled in when the visit completed. */
  readonly input: JsonValue;
}

/** Something to be done next within a transition. */
export type Task =
  /** Begin a step. */
  | { readonly kind: 'enter'; readonly stepId: string; readonly scope: string }
  /** A branch, or the body for an item, is over with this step. */
  | { readonly kind: 'region-end'; readonly stepId: string; readonly scope: string; readonly output: JsonValue }
  /** Go on with a parallel or for_each and the parts that it has; after a failure alone. */
  | ({ readonly kind: 'reopen' } & StepRunKey)
  /** Go on undoing; after a failure alone. */
  | { readonly kind: 'compensate' };

/** All that decides how an execution goes on; JSON. */
export interface ExecutionState {
  readonly status: ExecutionStatus;
  readonly variables: JsonObject;
  /** What each step gave back at its last visit, items of a for_each apart; `{error: {code, message}}` when it failed. */
  readonly outputs: JsonObject;
  readonly open: readonly OpenStepRun[];
  /** How often each step was begun, in whatever scope. */
  readonly visits: Readonly<Record<string, number>>;
  /** The branches and items that run, by the name of their scope. */
  readonly scopes: Readonly<Record<string, ScopeState>>;
  /** The open visits of parallel and for_each, by the beginning of their scopes' names. */
  readonly groups: Readonly<Record<string, GroupState>>;
  /** In the order in which the visits completed. */
  readonly compensations: readonly Compensation[];
  /** What was to be done when the execution failed, what failed included; `retry` takes it up. */
  readonly interrupted?: readonly Task[];
  /** Why it is being compensated. */
  readonly reason?: string;
  /** Whether compensations follow once what runs has ended; while it is being cancelled. */
  readonly compensates?: true;
}

/** The state of an execution that has not started. */
export const initialState = (variables: JsonObject): ExecutionState => ({
  status: 'running',
  variables,
  outputs: {},
  open: [],
  visits: {},
  scopes: {},
  groups: {},
  compensations: [],
});

/** What is stored of a state besides status and variables. */
export type StoredState = Omit<ExecutionState, 'status' | 'variables'>;

/** The state as it was stored, by an earlier release too: what that did not know yet is empty. */
export const restoredState = (
  status: ExecutionStatus,
  variables: JsonObject,
  stored: Partial<StoredState>,
): ExecutionState => ({ ...initialState(variables), ...stored, status });

/** What is to be stored of a state besides status and variables. */
export const storedState = ({ status: _status, variables: _variables, ...stored }: ExecutionState): StoredState =>
  stored;
