import {
  Global,
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { CONFIGURATION } from '../config/config.module.js';
import type { Configuration } from '../config/configuration.js';
import { Pools } from '../database/pools.js';
import { Logger } from '../logging/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { ErrorLog } from './error-log.js';
import { JobHandlers } from './job-handlers.js';
import { openQueueBackend, type QueueBackend } from './queue-backend.js';
import { defineQueueMetrics } from './queue-metrics.js';
import { Queues } from './queues.js';
import { Workers } from './workers.js';

const QUEUE_BACKEND = Symbol('queue backend');

/** The queues everywhere; their workers where the process role has them, once every module has registered its handlers. */
@Global()
@Module({
  providers: [
    JobHandlers,
    { provide: ErrorLog, inject: [Logger], useFactory: (logger: Logger) => new ErrorLog(logger) },
    { provide: QUEUE_BACKEND, inject: [CONFIGURATION, Pools], useFactory: openQueueBackend },
    {
      provide: Queues,
      inject: [QUEUE_BACKEND, ErrorLog],
      useFactory: (backend: QueueBackend, errors: ErrorLog) => Queues.open(backend, errors),
    },
    {
      provide: Workers,
      inject: [QUEUE_BACKEND, JobHandlers, Logger, ErrorLog],
      useFactory: (backend: QueueBackend, handlers: JobHandlers, logger: Logger, errors: ErrorLog) =>
        new Workers({ backend, handlers, logger, errors }),
    },
  ],
  exports: [ErrorLog, JobHandlers, Queues],
})
export class QueueModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(Queues) private readonly queues: Queues,
    @Inject(Workers) private readonly workers: Workers,
    @Inject(Metrics) metrics: Metrics,
  ) {
    defineQueueMetrics(metrics.registry, queues);
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.configuration.PROCESS_ROLE !== 'api') await this.workers.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.workers.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.queues.close();
  }
}
