import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Assignment, StepType } from './steps.js';
import type { ExecutionState, OpenStepRun, StepError, StepRunKey } from './state.js';
import type { ExecutionStatus } from './status.js';

/** What happened to an execution. */
export type Outcome =
  | { readonly kind: 'started' }
  /** A worker did it, or what it waited for came. */
  | ({ readonly kind: 'step-completed'; readonly output: JsonValue } & StepRunKey)
  | ({ readonly kind: 'step-failed'; readonly error: StepError } & StepRunKey & { readonly attempt: number })
  /** The timer of a delay, a wait or a human task came, and nothing else: the end of the delay, a notice, or the timeout. */
  | ({ readonly kind: 'step-due' } & StepRunKey)
  /** Nobody took it, and nobody is to any more, because the execution is being cancelled or compensated. */
  | ({ readonly kind: 'step-skipped' } & StepRunKey)
  /** The execution's active time was up while this ran: it fails, whatever `onError` says. */
  | ({ readonly kind: 'timed-out' } & StepRunKey)
  /** What waits ends now, and so do the runs named in `untaken`, that no worker has taken yet; the others end first. */
  | { readonly kind: 'cancel-requested'; readonly compensate: boolean; readonly untaken?: readonly StepRunKey[] }
  | { readonly kind: 'retry-requested' };

/** A visit that begins: of a parallel or for_each too, which no worker does and whose end follows from its parts. */
export interface StepStart extends OpenStepRun {
  readonly type: StepType;
  /** Milliseconds from now until it is due; 0: at once; null: no timer runs. */
  readonly delayMs: number | null;
  /** An action's parameters, filled in; a subworkflow's `{workflow, variables}`. */
  readonly input?: JsonValue;
  /** The event that a wait_for_event waits for. */
  readonly wait?: {
    readonly eventType: string;
    readonly matchField?: string;
    /** Canonical JSON text of the value that must stand there. */
    readonly matchValue?: string;
  };
  /** The task of a person. */
  readonly task?: Assignment & {
    readonly title: string;
    readonly description?: string;
    readonly form?: JsonObject;
  };
}

/** A failed attempt that is to be made again. */
export interface RetriedStep extends StepRunKey {
  /** The number of the next attempt. */
  readonly attempt: number;
  /** Milliseconds from now until it is due. */
  readonly delayMs: number;
  readonly error: StepError;
}

/** A visit that began and ended within the transition: a condition, or a step that could not even begin. */
export interface PassedStep extends StepRunKey {
  readonly output: JsonValue;
  readonly error?: StepError;
}

/** An open visit that ended. */
export interface FinishedStep extends StepRunKey {
  readonly attempt: number;
  readonly status: 'completed' | 'failed' | 'cancelled';
  /** What it gave back; null when it was cancelled. */
  readonly output: JsonValue;
  readonly error?: StepError;
}

/** A human task that goes on after a notice. */
export interface RearmedStep extends StepRunKey {
  /** Milliseconds from now until its next timer; null: none. */
  readonly delayMs: number | null;
  readonly notice: 'reminder' | 'escalation';
  /** Who has the task from now on; left out: as before. */
  readonly task?: Assignment;
}

/** One transition: the new state, and all that is to be stored and begun with it. */
export interface Advance {
  readonly state: ExecutionState;
  readonly starts: readonly StepStart[];
  readonly retried: readonly RetriedStep[];
  readonly passed: readonly PassedStep[];
  /** Every visit that was open before and is over now: the outcome's own first, then whatever ended with it. */
  readonly finished: readonly FinishedStep[];
  readonly rearmed: readonly RearmedStep[];
  readonly ended?: { readonly status: ExecutionStatus; readonly errorMessage?: string };
  /** The outcome was late, doubled or unknown: nothing changed. */
  readonly ignored?: true;
}
