import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AuditModule } from '../../src/audit/audit.module.js';
import { IdentityModule } from '../../src/identity/identity.module.js';
import { CacheModule } from '../../src/platform/cache/cache.module.js';
import { ConfigModule } from '../../src/platform/config/config.module.js';
import { loadConfiguration } from '../../src/platform/config/configuration.js';
import { DatabaseModule } from '../../src/platform/database/database.module.js';
import { HealthModule } from '../../src/platform/health/health.module.js';
import { applicationOptions, configureHttp, createAdapter } from '../../src/platform/http/configure-http.js';
import { HttpModule } from '../../src/platform/http/http.module.js';
import { createLogger } from '../../src/platform/logging/logger.js';
import { LoggingModule } from '../../src/platform/logging/logging.module.js';
import { MetricsModule } from '../../src/platform/metrics/metrics.module.js';

/** One instance of an application that has identity and what it stands on. */
export interface IdentityApplication {
  readonly app: NestFastifyApplication;
  readonly stop: () => Promise<void>;
}

/** Starts an instance on a migrated database; several on one database share the data folder, and so the signing key. */
export async function startIdentity(
  databaseUrl: string,
  dataFolder: string,
  environment: Record<string, string> = {},
): Promise<IdentityApplication> {
  const configuration = loadConfiguration({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATABASE_URL: databaseUrl,
    DATA_FOLDER: dataFolder,
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
      CqrsModule.forRoot(),
      DatabaseModule,
      CacheModule,
      AuditModule,
      HttpModule,
      IdentityModule,
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
  return { app, stop: () => app.close() };
}

/** A folder for what an instance keeps, to be removed at the end. */
export function makeDataFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'proviso-identity-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
