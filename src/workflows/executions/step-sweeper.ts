import type pg from 'pg';
import type { ErrorLog } from '../../platform/queue/error-log.js';
import type { Queues } from '../../platform/queue/queues.js';
import type { DueRun } from './execution-store.js';
import { jobOf, stepQueues, swept } from './step-jobs.js';
import type { SweepMetrics } from './sweep-metrics.js';

const EVERY_MS = 1_000;
const MAX_RUNS = 500;

/** The runs that are due and that nobody took, those first that wait longest. */
export const DUE_RUNS = `select organization_id as "organizationId", id, queue, fence from workflow_step_runs
  where status = 'waiting' and alarm_at <= app_now() order by alarm_at, id limit ${MAX_RUNS}`;

// So that the next look finds others; one that was taken and put off meanwhile keeps its new alarm.
const PUT_OFF = `update workflow_step_runs set alarm_at = app_now() + interval '30 seconds'
  where id = any($1) and status = 'waiting' and alarm_at <= app_now()`;

const EXPIRED = `select organization_id as "organizationId", id, queue, fence from workflow_step_runs
  where status = 'running' and lease_until < clock_timestamp() order by lease_until limit ${MAX_RUNS}`;

interface SweptRun extends DueRun, Record<string, unknown> {
  readonly organizationId: string;
}

/** Adds jobs for runs that are due and nobody took, and for those whose worker is gone. Several may run at once. */
export class StepSweeper {
  private isStopped = false;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    /** Under the role sweeper. */
    private readonly pool: pg.Pool,
    private readonly queues: Queues,
    private readonly errors: ErrorLog,
    private readonly metrics: SweepMetrics,
  ) {}

  /** Sweeps every second from now on. */
  start(): void {
    this.timer = setTimeout(() => {
      this.running = this.sweep()
        .catch((error: unknown) => this.errors.report('sweep-failed', 'workflow-steps', error))
        .finally(() => {
          if (!this.isStopped) this.start();
        });
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Looks once, until nothing more is found. @throws unavailable `queue-away`, or the queue's error */
  async sweep(): Promise<void> {
    for (let found = MAX_RUNS; found === MAX_RUNS;) {
      const { rows } = await this.pool.query<SweptRun>(DUE_RUNS);
      this.metrics.found('due', rows.length);
      await this.add(rows);
      await this.pool.query(PUT_OFF, [rows.map(({ id }) => id)]);
      found = rows.length;
    }
    const expired = await this.pool.query<SweptRun>(EXPIRED);
    this.metrics.found('lease-expired', expired.rows.length);
    await this.add(expired.rows);
  }

  private async add(runs: readonly SweptRun[]): Promise<void> {
    const nowMs = Date.now();
    for (const queue of stepQueues) {
      const due = runs.filter((run) => run.queue === queue);
      const jobs = due.map((run) => swept(jobOf(run.organizationId, run), nowMs));
      await this.queues.addAll(queue, jobs);
    }
  }
}
