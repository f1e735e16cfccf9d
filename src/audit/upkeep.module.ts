import { Inject, Module, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { CONFIGURATION } from '../platform/config/config.module.js';
import type { Configuration } from '../platform/config/configuration.js';
import { Pools } from '../platform/database/pools.js';
import { Logger } from '../platform/logging/logger.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { ErrorLog } from '../platform/queue/error-log.js';
import { Installation } from './installation.js';
import { Maintenance } from './maintenance.js';
import { Sealer } from './sealing/sealer.js';
import { loadSealingKey } from './sealing/sealing-key.js';

/** Keeps the event store sealed and in order, in processes that do background work. */
@Module({
  providers: [
    {
      provide: Maintenance,
      inject: [Pools, CONFIGURATION, ErrorLog],
      useFactory: (pools: Pools, { AUDIT_PARTITION }: Configuration, errors: ErrorLog) =>
        new Maintenance({
          pool: pools.get('maintenance', { role: 'sweeper', max: 1, settings: { lock_timeout: '1000' } }),
          partition: AUDIT_PARTITION,
          errors,
        }),
    },
  ],
})
export class UpkeepModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private sealer: Sealer | undefined;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(Installation) private readonly installation: Installation,
    @Inject(Maintenance) private readonly maintenance: Maintenance,
    @Inject(Logger) private readonly logger: Logger,
    @Inject(ErrorLog) private readonly errors: ErrorLog,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.configuration.PROCESS_ROLE === 'api') return;
    await this.maintenance.start();
    const sealer = new Sealer({
      url: this.configuration.databaseUrl!,
      epoch: this.installation.epoch,
      key: await loadSealingKey(this.configuration),
      logger: this.logger,
      errors: this.errors,
    });
    defineAgeMetric(this.metrics, sealer);
    sealer.start();
    this.sealer = sealer;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.sealer?.stop(), this.maintenance.stop()]);
  }
}

function defineAgeMetric({ registry }: Metrics, sealer: Sealer): void {
  new Gauge({
    name: 'audit_seal_age_seconds',
    help: 'Age of the oldest event that no seal covers yet',
    registers: [registry],
    collect() {
      this.set(sealer.sealAgeSeconds);
    },
  });
}
