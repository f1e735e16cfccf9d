import type pg from 'pg';
import type { Configuration } from '../platform/config/configuration.js';
import type { ErrorLog } from '../platform/queue/error-log.js';

const EVERY_MS = 3_600_000;

export interface MaintenanceDependencies {
  /** Under the role sweeper, with a short `lock_timeout`: making a partition must not queue writers behind a reader. */
  readonly pool: pg.Pool;
  /** How wide a partition is. */
  readonly partition: Configuration['AUDIT_PARTITION'];
  readonly errors: ErrorLog;
}

/**
 * What the store needs every hour: partitions for the time to come, and answers to repeated requests forgotten once
 * they have expired. Several processes may do it.
 */
export class Maintenance {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly dependencies: MaintenanceDependencies) {}

  /** Does it once, and every hour from then on. */
  async start(): Promise<void> {
    this.timer = setInterval(() => {
      this.running = this.run();
    }, EVERY_MS);
    this.running = this.run();
    await this.running;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Each part by itself; one that fails is logged and comes again with the next hour. */
  async run(): Promise<void> {
    await this.attempt('partitions', () => this.makePartitions());
    await this.attempt('idempotency-keys', () => this.forgetAnswers());
  }

  private async makePartitions(): Promise<void> {
    await this.dependencies.pool.query(
      `with locked as materialized (select pg_advisory_xact_lock(hashtextextended('proviso-maintenance', 0)))
       select make_event_partitions($1) from locked`,
      [this.dependencies.partition],
    );
  }

  private async forgetAnswers(): Promise<void> {
    await this.dependencies.pool.query('delete from idempotency_keys where expires_at < now()');
  }

  private async attempt(part: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.dependencies.errors.report('maintenance-failed', part, error);
    }
  }
}
