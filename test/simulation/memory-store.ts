import type { Claim, DueRun, StepStore, StepTransition } from '../../src/workflows/executions/execution-store.js';
import type { ExecutionSnapshot, HeldStep } from '../../src/workflows/executions/execution-snapshot.js';
import { dueRun, firstHeldBack, holdBack, placesFor } from './memory-claim.js';
import type { MemoryRows, RunRow } from './memory-rows.js';
import { LEASE_MS, throughJson, writeExecution, writeRuns } from './memory-transition.js';

/** What names a claim of a run. */
type Hold = Pick<HeldStep, 'organizationId' | 'id' | 'fence'>;

/** The store of one worker over tables in memory: it passes the contract suite of the one over PostgreSQL. */
export class MemoryStore implements StepStore {
  constructor(
    private readonly rows: MemoryRows,
    /** Names the worker in leases. */
    private readonly worker: string,
    private readonly defaultBound: number,
  ) {}

  async claim(organizationId: string, stepRunId: string): Promise<Claim> {
    const run = this.rows.runs.get(stepRunId);
    if (run?.organizationId !== organizationId) return undefined;
    if (run.status === 'running') return this.isExpired(run) ? this.take(run, null) : undefined;
    if (run.status !== 'waiting') return undefined;
    const waitMs = run.dueAt - this.rows.now();
    if (waitMs > 0) return { outcome: 'early', waitMs };
    const { free, isHeldBack } = placesFor(this.rows, run, this.defaultBound);
    if (!isHeldBack) return this.take(run, free);
    holdBack(this.rows, run);
    return { outcome: 'held-back', next: free > 0 ? firstHeldBack(this.rows, run.workflowId) : null };
  }

  async renew(held: Hold): Promise<boolean> {
    const run = this.heldRun(held);
    if (run) run.leaseUntil = this.rows.clock() + LEASE_MS;
    return run !== undefined;
  }

  async apply({
    held,
    change,
    events,
    activeMs,
  }: StepTransition): Promise<{ isApplied: boolean; next: DueRun | null }> {
    const { rows } = this;
    const execution = rows.executions.get(held.execution.id)!;
    if (!this.heldRun(held) || execution.version !== held.execution.version) return { isApplied: false, next: null };
    const written = throughJson(change);
    writeExecution(rows, execution, written, activeMs);
    writeRuns(rows, execution, written, this.worker);
    for (const event of events) {
      rows.events.push({ ...event, executionId: execution.id, streamVersion: execution.version });
    }
    return { isApplied: true, next: firstHeldBack(rows, execution.workflowId) };
  }

  async reload(held: Hold): Promise<ExecutionSnapshot | undefined> {
    const run = this.heldRun(held);
    return run && this.rows.snapshot(this.rows.executions.get(run.executionId)!);
  }

  private isExpired({ leaseUntil }: RunRow): boolean {
    return leaseUntil !== null && leaseUntil < this.rows.clock();
  }

  private heldRun({ organizationId, id, fence }: Hold): RunRow | undefined {
    const run = this.rows.runs.get(id);
    const isHeld = run?.organizationId === organizationId && run.fence === fence && run.status === 'running';
    return isHeld ? run : undefined;
  }

  private take(run: RunRow, free: number | null): Claim {
    const { rows } = this;
    const execution = rows.executions.get(run.executionId)!;
    if (execution.status === 'waiting') execution.status = 'running';
    Object.assign(run, { status: 'running', leaseOwner: this.worker, leaseUntil: rows.clock() + LEASE_MS });
    run.fence++;
    run.startedAt ??= rows.now();
    run.isHeldBack = false;
    const { organizationId, stepId, scope, visit, attempt, input } = run;
    const next = (free ?? 0) > 1 ? firstHeldBack(rows, run.workflowId) : null;
    const held = { ...dueRun(run), organizationId, stepId, scope, visit, attempt, input };
    return { outcome: 'claimed', held: { ...held, execution: rows.snapshot(execution) }, next };
  }
}
