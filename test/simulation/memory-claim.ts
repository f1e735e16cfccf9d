import type { DueRun } from '../../src/workflows/executions/execution-store.js';
import type { MemoryRows, RunRow } from './memory-rows.js';

const HELD_BACK_ALARM_MS = 2_000;

/** Order of the runs that wait for a place of their workflow. */
const comesBefore = (one: RunRow, other: RunRow): boolean =>
  one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.id < other.id);

/** What a job is told of a run. */
export const dueRun = ({ id, queue, fence }: RunRow): DueRun => ({ id, queue, fence });

/** The run that was turned away first of those that still wait for a place of their workflow. */
export const firstHeldBack = (rows: MemoryRows, workflowId: string): DueRun | null =>
  firstOf(heldBack(rows, workflowId));

/** Whether a run has a place among those of its workflow that run, and how many are left beside it. */
export function placesFor(
  rows: MemoryRows,
  run: RunRow,
  defaultBound: number,
): { readonly hasPlace: boolean; readonly free: number } {
  const ofWorkflow = [...rows.open].filter(({ workflowId }) => workflowId === run.workflowId);
  const running = new Set(
    ofWorkflow.filter(({ status }) => status === 'running').map(({ executionId }) => executionId),
  );
  const free = (rows.bounds.get(run.workflowId) ?? defaultBound) - running.size;
  if (running.has(run.executionId)) return { hasPlace: true, free };
  const older = heldBack(rows, run.workflowId).filter((other) => comesBefore(other, run));
  const ahead = new Set(older.map(({ executionId }) => executionId));
  ahead.delete(run.executionId);
  const hasPlace = Math.min(ahead.size, Math.max(0, free)) < free;
  return { hasPlace, free: hasPlace ? free - 1 : free };
}

/** A run of the same execution that was turned away with it; it has a place now. */
export function heldBackBeside(rows: MemoryRows, executionId: string): DueRun | null {
  const beside = rows.runsOf(executionId).filter(({ status, isHeldBack }) => status === 'waiting' && isHeldBack);
  return firstOf(beside);
}

/** Turns a run away until there is a place. */
export function holdBack(rows: MemoryRows, run: RunRow): void {
  if (!run.isHeldBack) Object.assign(run, { isHeldBack: true, alarmAt: rows.now() + HELD_BACK_ALARM_MS });
  const execution = rows.executions.get(run.executionId)!;
  if (execution.status === 'running') execution.status = 'waiting';
}

const heldBack = (rows: MemoryRows, workflowId: string): RunRow[] =>
  [...rows.open].filter((run) => run.status === 'waiting' && run.isHeldBack && run.workflowId === workflowId);

function firstOf(runs: readonly RunRow[]): DueRun | null {
  const [first] = runs.toSorted((one, other) => (comesBefore(one, other) ? -1 : 1));
  return first ? dueRun(first) : null;
}
