import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type pg from 'pg';
import type { Configuration } from '../../platform/config/configuration.js';
import type { ErrorLog } from '../../platform/queue/error-log.js';
import type { Queues } from '../../platform/queue/queues.js';
import { backtestJob, type WaitingBacktest } from './backtest-alarm.js';

const EVERY_MS = 2_000;

export interface BacktestSweeperDependencies {
  readonly configuration: Configuration;
  /** Under the role sweeper. */
  readonly pool: pg.Pool;
  readonly queues: Queues;
  readonly errors: ErrorLog;
}

/** Wakes back-tests that nobody works on: their job was lost, or its process died. The first look is taken at start. */
export class BacktestSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(private readonly dependencies: BacktestSweeperDependencies) {}

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
    const { rows } = await this.dependencies.pool.query<WaitingBacktest & Record<string, unknown>>(
      `select organization_id as "organizationId", id, version, correlation_id as "correlationId"
       from backtests where status in ('queued', 'running') and lease_until <= clock_timestamp()
       order by lease_until limit 100`,
    );
    await this.dependencies.queues.addAll('jobs', rows.map(backtestJob));
  }

  private look(): void {
    this.running = this.sweep()
      .catch((error: unknown) => this.dependencies.errors.report('sweep-failed', 'backtests', error))
      .finally(() => {
        if (!this.isStopped) this.timer = setTimeout(() => this.look(), EVERY_MS);
      });
  }
}
