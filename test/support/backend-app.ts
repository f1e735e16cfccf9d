import { Module, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AuditModule } from '../../src/audit/audit.module.js';
import { DeliveryModule } from '../../src/audit/delivery/delivery.module.js';
import { EventTypes } from '../../src/audit/event-types.js';
import { Reactions, type Reaction } from '../../src/audit/delivery/reactions.js';
import { ConfigModule } from '../../src/platform/config/config.module.js';
import { loadConfiguration, type Configuration } from '../../src/platform/config/configuration.js';
import { DatabaseModule } from '../../src/platform/database/database.module.js';
import { HealthModule } from '../../src/platform/health/health.module.js';
import { createLogger } from '../../src/platform/logging/logger.js';
import { LoggingModule } from '../../src/platform/logging/logging.module.js';
import { MetricsModule } from '../../src/platform/metrics/metrics.module.js';
import { JobHandlers, type JobHandler } from '../../src/platform/queue/job-handlers.js';
import { QueueModule } from '../../src/platform/queue/queue.module.js';

/** The event type that the tests tell. */
export const HAPPENED = 'test.happened';

export interface BackendAppSettings {
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  readonly role: 'all' | 'api' | 'worker';
  readonly reactions?: readonly Reaction[];
  readonly handlers?: readonly JobHandler[];
}

/** A started application of database, events and queues, and what it logged. */
export interface BackendApp {
  readonly context: INestApplicationContext;
  readonly configuration: Configuration;
  readonly lines: Record<string, unknown>[];
}

@Module({})
class ProbeModule {}

/** Starts one process's worth of the application inside the test. */
export async function startBackendApp(settings: BackendAppSettings): Promise<BackendApp> {
  const configuration = loadConfiguration({
    NODE_ENV: 'test',
    DATABASE_URL: settings.databaseUrl,
    QUEUE_URL: settings.redisUrl,
    PROCESS_ROLE: settings.role,
  });
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): unknown => lines.push(JSON.parse(line) as Record<string, unknown>);
  const context = await Test.createTestingModule({
    imports: [
      ConfigModule.forRoot(configuration),
      LoggingModule.forRoot(createLogger(configuration, { write })),
      MetricsModule.forRoot(configuration),
      HealthModule,
      DatabaseModule,
      AuditModule,
      QueueModule,
      DeliveryModule,
      probe(settings),
    ],
  }).compile();
  await context.init();
  return { context, configuration, lines };
}

function probe({ reactions = [], handlers = [] }: BackendAppSettings): DynamicModule {
  const register = (types: EventTypes, registry: Reactions, jobs: JobHandlers): boolean => {
    types.register([{ type: HAPPENED, version: 1, isPublished: true, description: 'Something happened in a test.' }]);
    for (const reaction of reactions) registry.register(reaction);
    for (const handler of handlers) jobs.register(handler);
    return true;
  };
  return {
    module: ProbeModule,
    providers: [{ provide: 'probe', inject: [EventTypes, Reactions, JobHandlers], useFactory: register }],
  };
}
