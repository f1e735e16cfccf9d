import { Global, Inject, Module, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { CONFIGURATION } from '../../platform/config/config.module.js';
import type { Configuration } from '../../platform/config/configuration.js';
import { Pools } from '../../platform/database/pools.js';
import { Sql } from '../../platform/database/sql.js';
import { Logger } from '../../platform/logging/logger.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { ErrorLog } from '../../platform/queue/error-log.js';
import { JobHandlers } from '../../platform/queue/job-handlers.js';
import { Queues } from '../../platform/queue/queues.js';
import { EventTypes } from '../event-types.js';
import { Installation } from '../installation.js';
import { reactionEventTypes } from './reaction-events.js';
import { REACTION_JOB } from './reaction-jobs.js';
import { ReactionSweeper } from './reaction-sweeper.js';
import { ReactionWorker } from './reaction-worker.js';
import { Reactions } from './reactions.js';
import { Relay } from './relay.js';
import { UnitOfWork } from '../unit-of-work.js';

/** Brings published events to the reactions of all contexts. */
@Global()
@Module({
  providers: [
    Reactions,
    {
      provide: ReactionWorker,
      inject: [Sql, UnitOfWork, Reactions, Logger],
      useFactory: (sql: Sql, unitOfWork: UnitOfWork, reactions: Reactions, logger: Logger) =>
        new ReactionWorker({ sql, unitOfWork, reactions, logger }),
    },
    {
      provide: ReactionSweeper,
      inject: [Pools, Reactions, Queues, ErrorLog],
      useFactory: (pools: Pools, reactions: Reactions, queues: Queues, errors: ErrorLog) =>
        new ReactionSweeper({ pool: pools.get('sweeper', { role: 'sweeper', max: 1 }), reactions, queues, errors }),
    },
    {
      provide: Relay,
      inject: [CONFIGURATION, Installation, Reactions, Queues, ErrorLog],
      useFactory: (
        configuration: Configuration,
        { epoch }: Installation,
        reactions: Reactions,
        queues: Queues,
        errors: ErrorLog,
      ) => new Relay({ url: configuration.databaseUrl!, epoch, reactions, queues, errors }),
    },
  ],
  exports: [Reactions],
})
export class DeliveryModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly delivers: boolean;

  constructor(
    @Inject(CONFIGURATION) configuration: Configuration,
    @Inject(EventTypes) private readonly eventTypes: EventTypes,
    @Inject(Reactions) private readonly reactions: Reactions,
    @Inject(Relay) private readonly relay: Relay,
    @Inject(ReactionSweeper) private readonly sweeper: ReactionSweeper,
    @Inject(ReactionWorker) worker: ReactionWorker,
    @Inject(JobHandlers) handlers: JobHandlers,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.delivers = configuration.PROCESS_ROLE !== 'api';
    eventTypes.register(reactionEventTypes);
    handlers.register({ queue: 'reactions', name: REACTION_JOB, handle: (data) => worker.handle(data) });
    if (this.delivers) defineLagMetric(metrics, sweeper);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.reactions.check(this.eventTypes);
    if (!this.delivers) return;
    await this.sweeper.prepare();
    this.relay.start();
    this.sweeper.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.delivers) await Promise.all([this.relay.stop(), this.sweeper.stop()]);
  }
}

function defineLagMetric({ registry }: Metrics, sweeper: ReactionSweeper): void {
  new Gauge({
    name: 'relay_lag_seconds',
    help: 'Age of the oldest published event that is not relayed yet',
    registers: [registry],
    collect() {
      this.set(sweeper.relayLagSeconds);
    },
  });
}
