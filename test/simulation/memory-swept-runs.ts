import { MAX_SWEPT_RUNS, type SweptRun, type SweptRuns } from '../../src/workflows/executions/swept-runs.js';
import { dueRun } from './memory-claim.js';
import type { MemoryRows, RunRow } from './memory-rows.js';

const PUT_OFF_MS = 30_000;

/** The tables in memory as the sweeper sees them. */
export class MemorySweptRuns implements Pick<SweptRuns, 'due' | 'putOff' | 'expired'> {
  constructor(private readonly rows: MemoryRows) {}

  async due(): Promise<readonly SweptRun[]> {
    return this.list(
      (run) => this.isDue(run),
      ({ alarmAt }) => alarmAt,
    );
  }

  async putOff(runs: readonly SweptRun[]): Promise<void> {
    for (const { id } of runs) {
      const run = this.rows.runs.get(id);
      if (run && this.isDue(run)) run.alarmAt = this.rows.now() + PUT_OFF_MS;
    }
  }

  async expired(): Promise<readonly SweptRun[]> {
    const now = this.rows.clock();
    return this.list(
      ({ status, leaseUntil }) => status === 'running' && leaseUntil !== null && leaseUntil < now,
      ({ leaseUntil }) => leaseUntil ?? 0,
    );
  }

  private isDue({ status, alarmAt }: RunRow): boolean {
    return status === 'waiting' && alarmAt <= this.rows.now();
  }

  private list(isWanted: (run: RunRow) => boolean, orderOf: (run: RunRow) => number): SweptRun[] {
    return [...this.rows.open]
      .filter(isWanted)
      .sort((one, other) => orderOf(one) - orderOf(other) || (one.id < other.id ? -1 : 1))
      .slice(0, MAX_SWEPT_RUNS)
      .map((run) => ({ ...dueRun(run), organizationId: run.organizationId }));
  }
}
