import type { Cancel, Timers } from '../../kernel/timers.js';
import type { ErrorLog } from '../../platform/queue/error-log.js';
import type { Queues } from '../../platform/queue/queues.js';
import { jobOf, stepQueues, swept } from './step-jobs.js';
import { MAX_SWEPT_RUNS, type SweptRun, type SweptRuns } from './swept-runs.js';
import type { SweepMetrics } from './sweep-metrics.js';

const EVERY_MS = 500;

export interface StepSweeperDependencies {
  readonly runs: Pick<SweptRuns, 'due' | 'putOff' | 'expired'>;
  readonly queues: Pick<Queues, 'addAll'>;
  readonly errors: Pick<ErrorLog, 'report'>;
  readonly timers: Timers;
  readonly metrics: Pick<SweepMetrics, 'found'>;
}

/** Adds jobs for runs that are due and nobody took, and for those whose worker is gone. Several may run at once. */
export class StepSweeper {
  private isStopped = false;
  private cancel: Cancel = () => undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly dependencies: StepSweeperDependencies) {}

  /** Sweeps twice a second from now on. */
  start(): void {
    const { errors, timers } = this.dependencies;
    this.cancel = timers.after(EVERY_MS, () => {
      this.running = this.sweep()
        .catch((error: unknown) => errors.report('sweep-failed', 'workflow-steps', error))
        .finally(() => {
          if (!this.isStopped) this.start();
        });
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancel();
    await this.running;
  }

  /** Looks once, until nothing more is found. @throws unavailable `queue-away`, or the queue's error */
  async sweep(): Promise<void> {
    const { metrics, runs } = this.dependencies;
    for (let found = MAX_SWEPT_RUNS; found === MAX_SWEPT_RUNS;) {
      const due = await runs.due();
      metrics.found('due', due.length);
      await this.add(due, false);
      await runs.putOff(due);
      found = due.length;
    }
    const expired = await runs.expired();
    metrics.found('lease-expired', expired.length);
    // Somebody waits for these already: they go before what has just become due.
    await this.add(expired, true);
  }

  private async add(runs: readonly SweptRun[], isUrgent: boolean): Promise<void> {
    const nowMs = this.dependencies.timers.elapsedMs();
    for (const queue of stepQueues) {
      const due = runs.filter((run) => run.queue === queue);
      const jobs = due.map((run) => ({ ...swept(jobOf(run.organizationId, run), nowMs), isUrgent }));
      await this.dependencies.queues.addAll(queue, jobs);
    }
  }
}
