import type { DomainEvent } from '../../src/kernel/domain-event.js';
import type { JsonValue } from '../../src/kernel/json.js';
import type { StepRunKey } from '../../src/workflows/engine/state.js';
import type { Delivered, ExecutionSnapshot } from '../../src/workflows/executions/execution-snapshot.js';
import { placeOf } from './plans.js';
import type { StepQueue } from '../../src/workflows/executions/step-actions.js';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A row of `workflow_executions`; instants are milliseconds of the timers' time. */
export interface ExecutionRow extends Writable<Omit<ExecutionSnapshot, 'now'>> {
  readonly organizationId: string;
  currentStep: string | null;
  errorMessage: string | null;
  readonly startedAt: number;
  completedAt: number | null;
}

/** A row of `workflow_step_runs`; instants are milliseconds of the timers' time, but for the lease's. */
export interface RunRow extends StepRunKey {
  readonly organizationId: string;
  readonly id: string;
  readonly executionId: string;
  readonly workflowId: string;
  readonly queue: StepQueue;
  readonly input: JsonValue;
  status: 'waiting' | 'running' | 'completed' | 'failed' | 'cancelled';
  attempt: number;
  fence: number;
  leaseOwner: string | null;
  /** Of the clock that nobody moves. */
  leaseUntil: number | null;
  /** Infinite when no timer runs. */
  dueAt: number;
  alarmAt: number;
  isHeldBack: boolean;
  output: JsonValue;
  error: JsonValue;
  /** What came from outside; null while nothing did. */
  delivered: Delivered | null;
  readonly eventType: string | null;
  readonly matchField: string | null;
  readonly matchValue: string | null;
  startedAt: number | null;
  endedAt: number | null;
  /** The place of its end among those of its execution. */
  endedPosition: number | null;
  /** The version of the execution with which it began; the table tells it by its events. */
  readonly begunVersion: number;
}

/** What a failed attempt left, a row of `workflow_step_attempts`. */
export interface AttemptRow {
  readonly stepRunId: string;
  readonly attempt: number;
  readonly error: JsonValue;
}

/** A row of `human_tasks`, by the id of its step run. */
export interface TaskRow {
  status: 'open' | 'completed' | 'cancelled' | 'timed_out';
  assignee: string | null;
  role: string | null;
  isReminded: boolean;
  isEscalated: boolean;
}

/** An event in the stream of its execution. */
export interface ExecutionEvent extends DomainEvent {
  readonly executionId: string;
  readonly streamVersion: number;
}

/** The tables of running executions, as far as workers read and write them; one call after the other, each a transaction. */
export class MemoryRows {
  readonly executions = new Map<string, ExecutionRow>();
  readonly runs = new Map<string, RunRow>();
  readonly attempts: AttemptRow[] = [];
  readonly tasks = new Map<string, TaskRow>();
  readonly events: ExecutionEvent[] = [];
  /** How many executions of a workflow may run a step at a time; null is the installation's bound. */
  readonly bounds = new Map<string, number | null>();
  /** What is neither waiting nor running leaves this index, as it leaves those of the table. */
  readonly open = new Set<RunRow>();
  private readonly byExecution = new Map<string, Map<string, RunRow>>();
  /** How far the timers' time is ahead of the clock, in milliseconds. */
  shiftMs = 0;

  constructor(
    /** Milliseconds of the clock that leases go by. */
    readonly clock: () => number,
  ) {}

  /** The timers' present, in milliseconds. */
  now(): number {
    return this.clock() + this.shiftMs;
  }

  /** Adds a run; its visit must be new. */
  insertRun(run: RunRow): void {
    if (this.runOf(run.executionId, run)) throw new Error(`Visit ${run.visit} of "${run.stepId}" was begun twice.`);
    this.runs.set(run.id, run);
    const others = this.byExecution.get(run.executionId) ?? new Map<string, RunRow>();
    this.byExecution.set(run.executionId, others.set(keyOf(run), run));
    this.reindex(run);
  }

  /** One visit of a step. */
  runOf(executionId: string, key: StepRunKey): RunRow | undefined {
    return this.byExecution.get(executionId)?.get(keyOf(key));
  }

  /** Which visit of its step it is in its place, whatever the visits of the owners of its scope. */
  nthOf({ executionId, stepId, scope, visit }: RunRow): number {
    const place = placeOf(scope);
    return this.runsOf(executionId).filter(
      (run) => run.stepId === stepId && run.visit <= visit && placeOf(run.scope) === place,
    ).length;
  }

  /** To be called when the status of a run has changed. */
  reindex(run: RunRow): void {
    if (run.status === 'waiting' || run.status === 'running') this.open.add(run);
    else this.open.delete(run);
  }

  /** The runs of an execution in the order of their begin. */
  runsOf(executionId: string): RunRow[] {
    return [...(this.byExecution.get(executionId)?.values() ?? [])];
  }

  /** Appends events to the stream of an execution, at its version. */
  tell({ id, version }: ExecutionRow, events: readonly DomainEvent[]): void {
    for (const event of events) this.events.push({ ...event, executionId: id, streamVersion: version });
  }

  /** As the database function `execution_snapshot` gives it. */
  snapshot(execution: ExecutionRow): ExecutionSnapshot {
    const { currentStep: _step, errorMessage: _error, startedAt: _start, completedAt: _end, ...snapshot } = execution;
    return { ...snapshot, now: new Date(this.now()).toISOString() };
  }
}

const keyOf = ({ stepId, scope, visit }: StepRunKey): string => `${stepId} ${scope} ${visit}`;
