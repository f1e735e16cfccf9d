import { newId } from '../../src/kernel/id.js';
import type { StepRunKey } from '../../src/workflows/engine/state.js';
import type { StepStore } from '../../src/workflows/executions/execution-store.js';
import type { SweptRuns } from '../../src/workflows/executions/swept-runs.js';
import type { BegunRun, TransitionChange } from '../../src/workflows/executions/transition-change.js';

/** A step run as a suite reads it back. */
export interface SeenRun extends StepRunKey {
  readonly id: string;
  readonly status: string;
  readonly attempt: number;
  readonly fence: number;
  readonly isHeldBack: boolean;
  readonly output: unknown;
  readonly error: unknown;
  readonly isStarted: boolean;
  readonly isEnded: boolean;
  readonly hasLease: boolean;
  /** Milliseconds of the timers' time. */
  readonly dueInMs: number;
}

/** An execution as a suite reads it back. */
export interface SeenExecution {
  readonly version: number;
  readonly status: string;
  readonly state: unknown;
  readonly currentStep: string | null;
  readonly errorMessage: string | null;
  readonly activeMs: number;
  readonly isCompleted: boolean;
  /** The types of its events in order, without their context. */
  readonly events: readonly string[];
}

/** A store of step runs with two workers and everything that a suite moves and reads around them. */
export interface StoreScene {
  readonly organizationId: string;
  readonly here: StepStore;
  readonly there: StepStore;
  readonly swept: Pick<SweptRuns, 'due' | 'putOff' | 'expired'>;
  /** A workflow that may run a step of so many executions at a time. */
  workflow(maxConcurrent?: number): Promise<string>;
  /** Begins an execution with this transition. @returns its id */
  start(workflowId: string, change: TransitionChange): Promise<string>;
  /** Writes a transition that no step brought about, from this version of the execution. */
  change(executionId: string, version: number, change: TransitionChange): Promise<void>;
  /** Lets so many milliseconds pass for timers; leases go by the clock. */
  pass(milliseconds: number): Promise<void>;
  /** As if every worker had been silent for longer than its lease. */
  endLeases(): Promise<void>;
  runs(executionId: string): Promise<readonly SeenRun[]>;
  execution(executionId: string): Promise<SeenExecution>;
}

/** A run that begins and waits, due at once. */
export const begun = (stepId: string, rest: Partial<BegunRun> = {}): BegunRun => ({
  id: newId(),
  stepId,
  scope: '',
  visit: 1,
  status: 'waiting',
  delayMs: 0,
  queue: 'workflow-steps',
  isStarted: false,
  input: null,
  output: null,
  error: null,
  ...rest,
});

/** A run that ended. */
export const ended = (stepId: string, rest: Partial<TransitionChange['ended'][number]> = {}) => ({
  stepId,
  scope: '',
  visit: 1,
  status: 'completed' as const,
  output: null,
  error: null,
  ...rest,
});

/** A transition that writes nothing but what is said. */
export const transition = (rest: Partial<TransitionChange> = {}): TransitionChange => ({
  status: 'running',
  state: { outputs: {}, open: [], visits: {} },
  currentStep: rest.begun?.at(-1)?.stepId ?? null,
  errorMessage: null,
  isFinal: false,
  begun: [],
  retried: [],
  ended: [],
  ...rest,
});
