import { newId } from '../../src/kernel/id.js';
import type { StepRunKey } from '../../src/workflows/engine/state.js';
import type { AppliedOutside } from '../../src/workflows/executions/execution-rows.js';
import type { SweptRuns } from '../../src/workflows/executions/swept-runs.js';
import type { Delivered } from '../../src/workflows/executions/execution-snapshot.js';
import type { StepStore } from '../../src/workflows/executions/execution-store.js';
import type { BegunTask, TransitionChange } from '../../src/workflows/executions/transition-change.js';

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
  readonly delivered: unknown;
  /** The place of its end among those of its execution; null while it is open. */
  readonly endedPosition: number | null;
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

/** A task of a person as a suite reads it back. */
export interface SeenTask {
  readonly status: string;
  readonly assignee: string | null;
  readonly role: string | null;
  readonly isReminded: boolean;
  readonly isEscalated: boolean;
}

/** A store of step runs with two workers and everything that a suite moves and reads around them. */
export interface StoreScene {
  readonly organizationId: string;
  readonly here: StepStore;
  readonly there: StepStore;
  readonly swept: Pick<SweptRuns, 'due' | 'putOff' | 'expired'>;
  /** A workflow that may run a step of so many executions at a time. */
  workflow(maxConcurrent?: number): Promise<string>;
  /** Begins an execution with this transition, perhaps as the child of a step run. @returns its id */
  start(workflowId: string, change: TransitionChange, parentStepRunId?: string): Promise<string>;
  /** Writes a transition that no step brought about, from this version of the execution. */
  change(executionId: string, version: number, change: TransitionChange): Promise<AppliedOutside>;
  /** Delivers something to a run. @returns whether it came in time and first */
  deliver(stepRunId: string, delivered: Delivered): Promise<boolean>;
  /** Lets so many milliseconds pass for timers; leases go by the clock. */
  pass(milliseconds: number): Promise<void>;
  /** As if every worker had been silent for longer than its lease. */
  endLeases(): Promise<void>;
  runs(executionId: string): Promise<readonly SeenRun[]>;
  execution(executionId: string): Promise<SeenExecution>;
  /** The task of a step run. */
  task(stepRunId: string): Promise<SeenTask | undefined>;
}

/** A row that a transition begins. */
export type Begun = TransitionChange['begun'][number];

type Ended = TransitionChange['ended'][number];

/** A run that begins and waits, due at once. */
export const begun = (stepId: string, rest: Partial<Begun> = {}): Begun => ({
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
  eventType: null,
  matchField: null,
  matchValue: null,
  position: -1,
  ...rest,
});

/** The task of a person that begins with this run. */
export const task = ({ id }: Begun, rest: Partial<BegunTask> = {}): BegunTask => ({
  id,
  title: 'Look',
  description: null,
  assignee: null,
  role: 'manager',
  form: null,
  ...rest,
});

/** A run that ended. */
export const ended = (stepId: string, rest: Partial<Ended> = {}): Ended => ({
  stepId,
  scope: '',
  visit: 1,
  status: 'completed',
  output: null,
  error: null,
  taskStatus: null,
  position: 0,
  ...rest,
});

/** A transition that writes nothing but what is said. */
export const transition = (rest: Partial<TransitionChange> = {}): TransitionChange => ({
  status: 'running',
  state: {},
  currentStep: rest.begun?.at(-1)?.stepId ?? null,
  errorMessage: null,
  isFinal: false,
  begun: [],
  retried: [],
  ended: [],
  tasks: [],
  rearmed: [],
  touched: [...(rest.ended ?? []), ...(rest.retried ?? []), ...(rest.rearmed ?? [])].map(
    ({ stepId, scope, visit }) => ({ stepId, scope, visit }),
  ),
  ...rest,
});
