import { unavailable } from '../../src/kernel/domain-error.js';
import type { Delivered, HeldStep } from '../../src/workflows/executions/execution-snapshot.js';
import type { DueRun } from '../../src/workflows/executions/execution-store.js';
import type { MemoryRows } from './memory-rows.js';
import { deliverTo } from './memory-transition.js';

/** Delivers to an open run, once. @returns the run; undefined when it is over, or had something delivered before */
export function deliver(rows: MemoryRows, stepRunId: string, delivered: Delivered): DueRun | undefined {
  const run = rows.runs.get(stepRunId);
  if (!run || !rows.open.has(run) || run.delivered) return undefined;
  return deliverTo(rows, run, delivered);
}

/** Lets a held step wait, without a worker, for the end of a child. @throws unavailable `lease-lost` */
export function park(rows: MemoryRows, { id, fence, execution }: HeldStep): void {
  const run = rows.runs.get(id);
  if (run?.status !== 'running' || run.fence !== fence) {
    throw unavailable('lease-lost', 'Somebody else does this step by now.');
  }
  const never = Number.POSITIVE_INFINITY;
  Object.assign(run, { status: 'waiting', dueAt: never, alarmAt: never, leaseOwner: null, leaseUntil: null });
  const isBusy = rows
    .runsOf(execution.id)
    .some((other) => other.status === 'running' || (other.status === 'waiting' && other.dueAt <= rows.now()));
  const row = rows.executions.get(execution.id)!;
  if (!isBusy && row.status === 'running') row.status = 'waiting';
}
