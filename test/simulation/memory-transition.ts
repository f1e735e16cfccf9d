import type { JsonValue } from '../../src/kernel/json.js';
import type { TransitionChange } from '../../src/workflows/executions/transition-change.js';
import type { ExecutionRow, MemoryRows, RunRow } from './memory-rows.js';

/** Beyond the due time, so that the job has taken the run before the sweeper looks. */
export const ALARM_GRACE_MS = 2_000;
/** How long a run is a worker's without a sign of life. */
export const LEASE_MS = 6_000;

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
  execution.state = change.state as unknown as ExecutionRow['state'];
  if (change.status !== 'failed') execution.currentStep = change.currentStep;
  execution.errorMessage = change.errorMessage;
  execution.activeMs += Math.round(activeMs);
  execution.completedAt = change.isFinal ? rows.now() : null;
}

/** Writes what a transition changes in the rows of runs; those taken at once are `worker`'s. */
export function writeRuns(rows: MemoryRows, execution: ExecutionRow, change: TransitionChange, worker: string): void {
  for (const run of change.ended) endRun(rows, find(rows, execution, run), run);
  for (const run of change.retried) retryRun(rows, find(rows, execution, run), run);
  for (const run of change.begun) rows.insertRun(begunRow(rows, execution, run, worker));
}

function find(rows: MemoryRows, { id }: ExecutionRow, key: Pick<RunRow, 'stepId' | 'scope' | 'visit'>): RunRow {
  const run = rows
    .runsOf(id)
    .find(({ stepId, scope, visit }) => stepId === key.stepId && scope === key.scope && visit === key.visit);
  if (!run) throw new Error(`Visit ${key.visit} of "${key.stepId}" is not known.`);
  return run;
}

function endRun(rows: MemoryRows, run: RunRow, { status, output, error }: TransitionChange['ended'][number]): void {
  Object.assign(run, { status, output, error, endedAt: rows.now(), leaseOwner: null, leaseUntil: null });
  rows.reindex(run);
}

function retryRun(
  rows: MemoryRows,
  run: RunRow,
  { attempt, delayMs, error }: TransitionChange['retried'][number],
): void {
  const dueAt = rows.now() + delayMs;
  const alarmAt = dueAt + ALARM_GRACE_MS;
  Object.assign(run, { status: 'waiting', attempt, leaseOwner: null, leaseUntil: null, dueAt, alarmAt });
  rows.attempts.push({ stepRunId: run.id, attempt: attempt - 1, error: error as JsonValue });
}

function begunRow(
  rows: MemoryRows,
  { organizationId, id, workflowId }: ExecutionRow,
  { delayMs, isStarted, ...run }: TransitionChange['begun'][number],
  worker: string,
): RunRow {
  const now = rows.now();
  const isTaken = run.status === 'running';
  return {
    ...run,
    organizationId,
    executionId: id,
    workflowId,
    attempt: 1,
    fence: isTaken ? 1 : 0,
    leaseOwner: isTaken ? worker : null,
    leaseUntil: isTaken ? rows.clock() + LEASE_MS : null,
    dueAt: now + delayMs,
    alarmAt: now + delayMs + ALARM_GRACE_MS,
    isHeldBack: false,
    startedAt: isStarted ? now : null,
    endedAt: run.status === 'completed' || run.status === 'failed' ? now : null,
  };
}
