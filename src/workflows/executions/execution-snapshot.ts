import type { Actor } from '../../platform/http/actor.js';
import { systemActor } from '../../identity/identity.contract.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import {
  restoredState,
  type ExecutionState,
  type StepError,
  type StepRunKey,
  type StoredState,
} from '../engine/state.js';
import type { ExecutionStatus } from '../engine/status.js';
import type { StepQueue } from './step-actions.js';

/** An execution as the database function `execution_snapshot` gives it. */
export interface ExecutionSnapshot {
  readonly id: string;
  readonly workflowId: string;
  readonly definitionVersion: number;
  /** Counts transitions; one that starts from an older version is refused. */
  readonly version: number;
  readonly status: ExecutionStatus;
  readonly variables: JsonObject;
  readonly state: Partial<StoredState>;
  /** Milliseconds that its steps ran so far, waiting not counted. */
  readonly activeMs: number;
  readonly correlationId: string;
  /** The event of its start. */
  readonly causationId: string;
  /** Of the event of its start. */
  readonly depth: number;
  readonly subjectType: string | null;
  readonly subjectId: string | null;
  /** The subworkflow step that waits for its end. */
  readonly parentStepRunId: string | null;
  /** ISO 8601; the database's present. */
  readonly now: string;
}

/** What came from outside for a waiting run, as its outcome. */
export type Delivered = { readonly output: JsonValue } | { readonly error: Omit<StepError, 'retryable'> };

/** A step run under our lease. */
export interface HeldStep extends StepRunKey {
  readonly organizationId: string;
  readonly id: string;
  readonly attempt: number;
  readonly fence: number;
  readonly queue: StepQueue;
  readonly input: JsonValue;
  readonly delivered: Delivered | null;
  readonly execution: ExecutionSnapshot;
  /** When `execution` was read, by this process's monotonic clock in milliseconds. */
  readonly readAt: number;
}

/** What the engine advances. */
export const stateOf = ({ status, variables, state }: ExecutionSnapshot): ExecutionState =>
  restoredState(status, variables, state);

/** The system, on the trail of the execution's start. */
export const executionActor = (organizationId: string, execution: ExecutionSnapshot): Actor =>
  systemActor(organizationId, {
    correlationId: execution.correlationId,
    causationId: execution.causationId,
    depth: execution.depth + 1,
    ...(execution.subjectType !== null &&
      execution.subjectId !== null && { subject: { type: execution.subjectType, id: execution.subjectId } }),
  });
