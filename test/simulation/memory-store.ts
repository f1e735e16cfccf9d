import type { Applied, Claim, StepStore, StepTransition } from '../../src/workflows/executions/execution-store.js';
import type { HeldStep } from '../../src/workflows/executions/execution-snapshot.js';
import { dueRun, firstHeldBack, heldBackBeside, holdBack, placesFor } from './memory-claim.js';
import type { MemoryRows, RunRow } from './memory-rows.js';
import { LEASE_MS, tellParent, throughJson, writeExecution, writeRuns } from './memory-transition.js';

export interface MemoryStoreOptions {
  /** Names the worker in leases. */
  readonly worker: string;
  /** Executions of one workflow that may run a step at the same time, when its settings do not say. */
  readonly defaultBound: number;
  /** The worker's monotonic clock, in milliseconds. */
  readonly elapsedMs: () => number;
}

/** The store of one worker over tables in memory: it passes the contract suite of the one over PostgreSQL. */
export class MemoryStore implements StepStore {
  constructor(
    private readonly rows: MemoryRows,
    private readonly options: MemoryStoreOptions,
  ) {}

  async claim(organizationId: string, stepRunId: string): Promise<Claim> {
    const run = this.rows.runs.get(stepRunId);
    if (run?.organizationId !== organizationId) return undefined;
    if (run.status === 'running') return this.isExpired(run) ? this.take(run, 0) : undefined;
    if (run.status !== 'waiting' || run.dueAt === Number.POSITIVE_INFINITY) return undefined;
    const waitMs = run.dueAt - this.rows.now();
    if (waitMs > 0) return { outcome: 'early', waitMs };
    const { hasPlace, free } = placesFor(this.rows, run, this.options.defaultBound);
    if (hasPlace) return this.take(run, free);
    holdBack(this.rows, run);
    return { outcome: 'held-back', next: free > 0 ? firstHeldBack(this.rows, run.workflowId) : null };
  }

  async renew(held: HeldStep): Promise<boolean> {
    return this.keep(held) !== undefined;
  }

  async apply({ held, change, events, activeMs }: StepTransition): Promise<Applied> {
    const { rows } = this;
    const run = this.heldRun(held);
    const execution = rows.executions.get(held.execution.id)!;
    const isKnown = (run?.delivered === null) === (held.delivered === null);
    if (!run || !isKnown || execution.version !== held.execution.version) {
      return { isApplied: false, next: null, parent: null };
    }
    const written = throughJson(change);
    writeExecution(rows, execution, written, activeMs);
    writeRuns(rows, execution, written, this.options.worker);
    rows.tell(execution, events);
    const parent = tellParent(rows, execution, written);
    const goesOn = change.begun.some(({ status }) => status === 'running');
    return { isApplied: true, next: goesOn ? null : firstHeldBack(rows, execution.workflowId), parent };
  }

  async reload(held: HeldStep): Promise<HeldStep | undefined> {
    const run = this.keep(held);
    if (!run) return undefined;
    const execution = this.rows.snapshot(this.rows.executions.get(run.executionId)!);
    return { ...held, delivered: run.delivered, execution, readAt: this.options.elapsedMs() };
  }

  private isExpired({ leaseUntil }: RunRow): boolean {
    return leaseUntil !== null && leaseUntil < this.rows.clock();
  }

  private heldRun({ organizationId, id, fence }: HeldStep): RunRow | undefined {
    const run = this.rows.runs.get(id);
    const isHeld = run?.organizationId === organizationId && run.fence === fence && run.status === 'running';
    return isHeld ? run : undefined;
  }

  private keep(held: HeldStep): RunRow | undefined {
    const run = this.heldRun(held);
    if (run) run.leaseUntil = this.rows.clock() + LEASE_MS;
    return run;
  }

  /** `free` is how many places of the workflow are left beside this run's. */
  private take(run: RunRow, free: number): Claim {
    const { rows } = this;
    const { worker, elapsedMs } = this.options;
    const execution = rows.executions.get(run.executionId)!;
    if (execution.status === 'waiting') execution.status = 'running';
    Object.assign(run, {
      status: 'running',
      leaseOwner: worker,
      leaseUntil: rows.clock() + LEASE_MS,
      isHeldBack: false,
    });
    run.fence++;
    run.startedAt ??= rows.now();
    const { organizationId, stepId, scope, visit, attempt, input, delivered } = run;
    const beside = heldBackBeside(rows, run.executionId);
    const next = beside ?? (free > 0 ? firstHeldBack(rows, run.workflowId) : null);
    const held = { ...dueRun(run), organizationId, stepId, scope, visit, attempt, input, delivered };
    return { outcome: 'claimed', held: { ...held, execution: rows.snapshot(execution), readAt: elapsedMs() }, next };
  }
}
