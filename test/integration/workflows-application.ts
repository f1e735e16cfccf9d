import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import pg from 'pg';
import { AuditModule } from '../../src/audit/audit.module.js';
import { DeliveryModule } from '../../src/audit/delivery/delivery.module.js';
import { ErasureModule } from '../../src/audit/erasure/erasure.module.js';
import { type SeededOrganization, SeedOrganization } from '../../src/identity/identity.contract.js';
import { IdentityModule } from '../../src/identity/identity.module.js';
import { systemActor } from '../../src/identity/access/system-actor.js';
import { newId } from '../../src/kernel/id.js';
import { CacheModule } from '../../src/platform/cache/cache.module.js';
import { ConfigModule } from '../../src/platform/config/config.module.js';
import { loadConfiguration } from '../../src/platform/config/configuration.js';
import { DatabaseModule } from '../../src/platform/database/database.module.js';
import { HealthModule } from '../../src/platform/health/health.module.js';
import type { Actor } from '../../src/platform/http/actor.js';
import { applicationOptions, configureHttp, createAdapter } from '../../src/platform/http/configure-http.js';
import { HttpModule } from '../../src/platform/http/http.module.js';
import { createLogger } from '../../src/platform/logging/logger.js';
import { LoggingModule } from '../../src/platform/logging/logging.module.js';
import { MetricsModule } from '../../src/platform/metrics/metrics.module.js';
import { QueueModule } from '../../src/platform/queue/queue.module.js';
import { RulesModule } from '../../src/rules/rules.module.js';
import { WorkflowsModule } from '../../src/workflows/workflows.module.js';
import { ownQueues } from '../support/own-queues.js';
import { createTestDatabase } from '../support/test-database.js';

const PASSWORD = 'demo-password';

/** Starts one process's worth of rules, workflows and what they stand on. */
export async function startProcess(
  databaseUrl: string,
  dataFolder: string,
  environment: Record<string, string> = {},
): Promise<NestFastifyApplication> {
  const configuration = loadConfiguration({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATABASE_URL: databaseUrl,
    DATA_FOLDER: dataFolder,
    QUEUE_URL: process.env.TEST_REDIS && ownQueues(process.env.TEST_REDIS),
    RATE_LIMIT_LOGIN_PER_MINUTE: '100000',
    RATE_LIMIT_ADDRESS_PER_MINUTE: '100000',
    ...environment,
  });
  const logger = createLogger(configuration);

  @Module({
    imports: [
      ConfigModule.forRoot(configuration),
      LoggingModule.forRoot(logger),
      MetricsModule.forRoot(configuration),
      HealthModule,
      HttpModule,
      CqrsModule.forRoot(),
      DatabaseModule,
      CacheModule,
      QueueModule,
      AuditModule,
      DeliveryModule,
      ErasureModule,
      IdentityModule,
      RulesModule,
      WorkflowsModule.forRoot(configuration),
    ],
  })
  class TestModule {}

  const testing = await Test.createTestingModule({ imports: [TestModule] })
    .setLogger(applicationOptions(logger).logger as never)
    .compile();
  const app = testing.createNestApplication<NestFastifyApplication>(createAdapter(), applicationOptions(logger));
  await configureHttp(app, configuration);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

/** A database of the suite with two organizations, and processes on it that are stopped at the end. */
export async function startFixture() {
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'proviso-workflows-'));
  const owner = new pg.Pool({ connectionString: database.url, max: 2 });
  // A connection that is still closing when the database is dropped is ended by the server.
  owner.on('error', () => undefined);
  const processes: NestFastifyApplication[] = [];
  const start = async (environment?: Record<string, string>): Promise<NestFastifyApplication> => {
    const app = await startProcess(database.url, folder, environment);
    processes.push(app);
    return app;
  };
  return {
    owner,
    start,
    seed: (app: NestFastifyApplication, slug: string): Promise<SeededOrganization> =>
      app.get(CommandBus).execute(
        new SeedOrganization(
          { correlationId: 'workflows-suite' },
          {
            name: slug,
            slug,
            people: [
              { email: `owner@${slug}.test`, name: 'Owner', roles: ['owner'], password: PASSWORD },
              { email: `viewer@${slug}.test`, name: 'Viewer', roles: ['viewer'], password: PASSWORD },
            ],
          },
        ),
      ),
    actor: (organizationId: string, depth = 0): Actor => systemActor(organizationId, { correlationId: newId(), depth }),
    /** Lets so much time pass for timers; leases go by the real clock. */
    pass: async (interval: string): Promise<void> => {
      await owner.query('update clock set shift = shift + $1::interval', [interval]);
    },
    /** The types of an execution's events in order. */
    eventTypes: async (executionId: string): Promise<string[]> => {
      const { rows } = await owner.query<{ type: string }>(
        `select type from events where stream = $1 order by stream_version, ordinal`,
        [`workflow-execution:${executionId}`],
      );
      return rows.map(({ type }) => type.replace('workflows.', ''));
    },
    stop: async (): Promise<void> => {
      await Promise.all(processes.map((app) => app.close()));
      await owner.end();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type WorkflowsFixture = Awaited<ReturnType<typeof startFixture>>;
