import type pg from 'pg';
import type { ErrorLog } from '../../platform/queue/error-log.js';
import type { Queues } from '../../platform/queue/queues.js';
import type { DueRun } from './execution-store.js';
import { jobOf, swept, wakeRuns } from './step-jobs.js';

const EVERY_MS = 1_000;
const MAX_RUNS = 500;

// Marked by the alarm pushed on, so that the next look finds others.
const DUE = `with due as (
    select id from workflow_step_runs where status = 'waiting' and alarm_at <= app_now()
    order by alarm_at, id limit ${MAX_RUNS} for update skip locked
  )
  update workflow_step_runs run set alarm_at = app_now() + interval '30 seconds' from due where run.id = due.id
  returning run.organization_id as "organizationId", run.id, run.queue, run.fence`;

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

  /** Looks once, until nothing more is found. */
  async sweep(): Promise<void> {
    for (let found = MAX_RUNS; found === MAX_RUNS;) {
      const { rows } = await this.pool.query<SweptRun>(DUE);
      this.wake(rows);
      found = rows.length;
    }
    this.wake((await this.pool.query<SweptRun>(EXPIRED)).rows);
  }

  private wake(runs: readonly SweptRun[]): void {
    wakeRuns(
      this.queues,
      runs.map((run) => swept(jobOf(run.organizationId, run))),
    );
  }
}
