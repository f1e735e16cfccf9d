import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type pg from 'pg';
import type { Configuration } from '../../platform/config/configuration.js';
import type { ErrorLog } from '../../platform/queue/error-log.js';
import type { ScheduleFiring } from './schedule-firing.js';

const EVERY_MS = 1_000;
const MAX_SCHEDULES = 100;

const DUE = `select organization_id as "organizationId", workflow_id as "workflowId" from workflow_schedules
  where next_at <= app_now() order by next_at limit ${MAX_SCHEDULES}`;

const FORGET_RECEIPTS = 'delete from workflow_webhook_receipts where expires_at < now()';

export interface TriggerSweeperDependencies {
  readonly configuration: Pick<Configuration, 'PROCESS_ROLE'>;
  /** Under the role sweeper. */
  readonly pool: pg.Pool;
  readonly firing: ScheduleFiring;
  readonly errors: ErrorLog;
}

/** Looks every second for schedules that are due, and forgets expired receipts. Several processes may do it. */
export class TriggerSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private isStopped = false;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly dependencies: TriggerSweeperDependencies) {}

  onApplicationBootstrap(): void {
    if (this.dependencies.configuration.PROCESS_ROLE !== 'api') this.wait();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Looks once. What cannot be done is logged and does not keep others from being done. */
  async sweep(): Promise<void> {
    const { pool, firing, errors } = this.dependencies;
    const { rows } = await pool.query<{ organizationId: string; workflowId: string }>(DUE);
    for (const { organizationId, workflowId } of rows) {
      if (this.isStopped) return;
      try {
        await firing.fire(organizationId, workflowId);
      } catch (error) {
        errors.report('schedule-failed', 'workflow-triggers', error);
      }
    }
    await pool.query(FORGET_RECEIPTS);
  }

  private wait(): void {
    this.timer = setTimeout(() => {
      this.running = this.sweep()
        .catch((error: unknown) => this.dependencies.errors.report('sweep-failed', 'workflow-triggers', error))
        .finally(() => {
          if (!this.isStopped) this.wait();
        });
    }, EVERY_MS);
  }
}
