import type { Delivered } from '../../src/workflows/executions/execution-snapshot.js';
import type { DueRun } from '../../src/workflows/executions/execution-store.js';
import { deliveryToParent } from '../../src/workflows/executions/parent-delivery.js';
import type { TransitionChange } from '../../src/workflows/executions/transition-change.js';
import type { ExecutionRow, MemoryRows, RunRow } from './memory-rows.js';

/** Beyond the due time, so that the job has taken the run before the sweeper looks. */
export const ALARM_GRACE_MS = 2_000;
/** How long a run is a worker's without a sign of life. */
export const LEASE_MS = 6_000;

/** More visits than end in one transition. */
export const POSITIONS = 1_000_000;

/** As the statement's parameter: only what JSON can say. */
export const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Writes what a transition changes in its execution's row. */
export function writeExecution(
  rows: MemoryRows,
  execution: ExecutionRow,
  change: TransitionChange,
  activeMs = 0,
): void {
  execution.version++;
  execution.status = change.status;
  execution.state = change.state;
  if (change.status !== 'failed') execution.currentStep = change.currentStep;
  execution.errorMessage = change.errorMessage;
  execution.activeMs += Math.round(activeMs);
  execution.completedAt = change.isFinal ? rows.now() : null;
}

/** Writes what a transition changes in the rows of runs; those taken at once are `worker`'s. */
export function writeRuns(rows: MemoryRows, execution: ExecutionRow, change: TransitionChange, worker: string): void {
  for (const run of change.ended) endRun(rows, execution, run);
  for (const run of change.retried) retryRun(rows, find(rows, execution, run), run);
  for (const run of change.rearmed) rearmRun(rows, find(rows, execution, run), run);
  for (const run of change.begun) rows.insertRun(begunRow(rows, execution, run, worker));
  for (const { id, assignee, role } of change.tasks) {
    rows.tasks.set(id, { status: 'open', assignee, role, isReminded: false, isEscalated: false });
  }
}

/** Delivers what a child came to to the step that waits for it. @returns the step, when it waits */
export function tellParent(rows: MemoryRows, execution: ExecutionRow, change: TransitionChange): DueRun | null {
  const delivered = deliveryToParent(execution, change);
  const parent = execution.parentStepRunId === null ? undefined : rows.runs.get(execution.parentStepRunId);
  if (!delivered || parent?.status !== 'waiting' || parent.delivered) return null;
  return deliverTo(rows, parent, delivered);
}

/** Lets a run be due with what came for it. */
export function deliverTo(rows: MemoryRows, run: RunRow, delivered: Delivered): DueRun {
  Object.assign(run, { delivered: throughJson(delivered), ...timer(rows, 0) });
  return { id: run.id, queue: run.queue, fence: run.fence };
}

/** When a run is due that waits so many milliseconds, and when the sweeper looks after it; null is for ever. */
function timer(rows: MemoryRows, delayMs: number | null): Pick<RunRow, 'dueAt' | 'alarmAt'> {
  const dueAt = delayMs === null ? Number.POSITIVE_INFINITY : rows.now() + delayMs;
  return { dueAt, alarmAt: dueAt + ALARM_GRACE_MS };
}

function find(rows: MemoryRows, { id }: ExecutionRow, key: Pick<RunRow, 'stepId' | 'scope' | 'visit'>): RunRow {
  const run = rows.runOf(id, key);
  if (!run) throw new Error(`Visit ${key.visit} of "${key.stepId}" is not known.`);
  return run;
}

/** Where the end of a run stands among all of its execution: by transition, then by its place in that. */
const positionOf = ({ version }: ExecutionRow, position: number): number => version * POSITIONS + position;

const FREE = { leaseOwner: null, leaseUntil: null };

function endRun(rows: MemoryRows, execution: ExecutionRow, ended: TransitionChange['ended'][number]): void {
  const run = find(rows, execution, ended);
  const { status, output, error, taskStatus, position } = ended;
  const endedPosition = positionOf(execution, position);
  Object.assign(run, { status, output, error, endedAt: rows.now(), endedPosition, ...FREE });
  rows.reindex(run);
  const task = rows.tasks.get(run.id);
  if (taskStatus && task?.status === 'open') task.status = taskStatus;
}

function retryRun(rows: MemoryRows, run: RunRow, retried: TransitionChange['retried'][number]): void {
  const { attempt, delayMs, error } = retried;
  Object.assign(run, { status: 'waiting', attempt, ...FREE, ...timer(rows, delayMs) });
  rows.attempts.push({ stepRunId: run.id, attempt: attempt - 1, error });
}

function rearmRun(rows: MemoryRows, run: RunRow, rearmed: TransitionChange['rearmed'][number]): void {
  const { delayMs, notice, reassigns, assignee, role } = rearmed;
  Object.assign(run, { status: 'waiting', ...FREE, ...timer(rows, delayMs) });
  const task = rows.tasks.get(run.id);
  if (task?.status !== 'open') return;
  task[notice === 'reminder' ? 'isReminded' : 'isEscalated'] = true;
  if (reassigns) Object.assign(task, { assignee, role });
}

function begunRow(
  rows: MemoryRows,
  execution: ExecutionRow,
  { delayMs, isStarted, position, ...run }: TransitionChange['begun'][number],
  worker: string,
): RunRow {
  const isTaken = run.status === 'running';
  const isOver = run.status !== 'running' && run.status !== 'waiting';
  return {
    ...run,
    ...timer(rows, delayMs),
    organizationId: execution.organizationId,
    executionId: execution.id,
    workflowId: execution.workflowId,
    attempt: 1,
    fence: isTaken ? 1 : 0,
    leaseOwner: isTaken ? worker : null,
    leaseUntil: isTaken ? rows.clock() + LEASE_MS : null,
    isHeldBack: false,
    delivered: null,
    startedAt: isStarted ? rows.now() : null,
    endedAt: isOver ? rows.now() : null,
    endedPosition: isOver ? positionOf(execution, position) : null,
    begunVersion: execution.version,
  };
}
