import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type pg from 'pg';
import type { Configuration } from '../../platform/config/configuration.js';
import type { ErrorLog } from '../../platform/queue/error-log.js';
import type { Queues } from '../../platform/queue/queues.js';
import { importJob, type WaitingImport } from './import-alarm.js';

const EVERY_MS = 2_000;

export interface ImportSweeperDependencies {
  readonly configuration: Configuration;
  /** Under the role sweeper. */
  readonly pool: pg.Pool;
  readonly queues: Queues;
  readonly errors: ErrorLog;
}

/** Wakes imports that nobody works on: their job was lost, or its process died. The first look is taken at start. */
export class ImportSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(private readonly dependencies: ImportSweeperDependencies) {}

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
    const { rows } = await this.dependencies.pool.query<WaitingImport & Record<string, unknown>>(
      `select organization_id as "organizationId", id, next_chunk as "nextChunk", correlation_id as "correlationId"
       from lead_imports where status in ('receiving', 'queued', 'running') and lease_until <= clock_timestamp()
       order by lease_until limit 100`,
    );
    await this.dependencies.queues.addAll('jobs', rows.map(importJob));
  }

  private look(): void {
    this.running = this.sweep()
      .catch((error: unknown) => this.dependencies.errors.report('sweep-failed', 'imports', error))
      .finally(() => {
        if (!this.isStopped) this.timer = setTimeout(() => this.look(), EVERY_MS);
      });
  }
}
