import type { DueRun } from '../../src/workflows/executions/execution-store.js';
import type { MemoryRows, RunRow } from './memory-rows.js';

const HELD_BACK_ALARM_MS = 2_000;

/** Order of the runs that wait for a place of their workflow. */
const comesBefore = (one: RunRow, other: RunRow): boolean =>
  one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.id < other.id);

/** What a job is told of a run. */
export const dueRun = ({ id, queue, fence }: RunRow): DueRun => ({ id, queue, fence });

/** The run that was turned away first of those that still wait for a place of their workflow. */
export function firstHeldBack(rows: MemoryRows, workflowId: string): DueRun | null {
  const first = heldBack(rows, workflowId).reduce<RunRow | undefined>(
    (before, run) => (before && comesBefore(before, run) ? before : run),
    undefined,
  );
  return first ? dueRun(first) : null;
}

/** Places of a run's workflow that are left; undefined when others come first or none is left, for then it is held back. */
export function placesFor(
  rows: MemoryRows,
  run: RunRow,
  defaultBound: number,
): { readonly free: number; readonly isHeldBack: boolean } {
  const running = [...rows.open].filter(
    ({ status, workflowId }) => status === 'running' && workflowId === run.workflowId,
  );
  const bound = rows.bounds.get(run.workflowId) ?? defaultBound;
  const free = bound - new Set(running.map(({ executionId }) => executionId)).size;
  const ahead = heldBack(rows, run.workflowId).filter((other) => comesBefore(other, run)).length;
  return { free, isHeldBack: Math.min(ahead, Math.max(0, free)) >= free };
}

/** Turns a run away until there is a place. */
export function holdBack(rows: MemoryRows, run: RunRow): void {
  if (!run.isHeldBack) Object.assign(run, { isHeldBack: true, alarmAt: rows.now() + HELD_BACK_ALARM_MS });
  const execution = rows.executions.get(run.executionId)!;
  if (execution.status === 'running') execution.status = 'waiting';
}

const heldBack = (rows: MemoryRows, workflowId: string): RunRow[] =>
  [...rows.open].filter((run) => run.status === 'waiting' && run.isHeldBack && run.workflowId === workflowId);
