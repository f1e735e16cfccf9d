import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type pg from 'pg';
import type { Configuration } from '../config/configuration.js';
import type { ErrorLog } from './error-log.js';
import type { QueuedJob, QueueName, Queues } from './queues.js';

const EVERY_MS = 2_000;

/** Work that is carried on by jobs, and whose row says who does it and until when. */
export interface LeasedWork<Row> {
  /** `imports`. */
  readonly name: string;
  /** Where its jobs are done. */
  readonly queue: QueueName;
  /** Finds the rows that nobody works on: at most 100, the longest waiting first. */
  readonly waiting: string;
  readonly jobOf: (row: Row) => QueuedJob;
}

export interface JobSweeperDependencies {
  readonly configuration: Pick<Configuration, 'PROCESS_ROLE'>;
  /** Under the role sweeper. */
  readonly pool: pg.Pool;
  readonly queues: Queues;
  readonly errors: ErrorLog;
}

/** Wakes work that nobody does: its job was lost, or its process died. The first look is taken at start. */
export class JobSweeper<Row> implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly dependencies: JobSweeperDependencies,
    private readonly work: LeasedWork<Row>,
  ) {}

  onApplicationBootstrap(): void {
    if (this.dependencies.configuration.PROCESS_ROLE !== 'api') this.look();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Wakes what waits now. */
  async sweep(): Promise<void> {
    const { rows } = await this.dependencies.pool.query<Row & Record<string, unknown>>(this.work.waiting);
    await this.dependencies.queues.addAll(this.work.queue, rows.map(this.work.jobOf));
  }

  private look(): void {
    this.running = this.sweep()
      .catch((error: unknown) => this.dependencies.errors.report('sweep-failed', this.work.name, error))
      .finally(() => {
        if (!this.isStopped) this.timer = setTimeout(() => this.look(), EVERY_MS);
      });
  }
}
