import { type CanActivate, type ExecutionContext, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { FastifyRequest } from 'fastify';
import { AuditApiModule } from '../../src/audit/audit-api.module.js';
import { AuditModule } from '../../src/audit/audit.module.js';
import { DeliveryModule } from '../../src/audit/delivery/delivery.module.js';
import { EventTypes } from '../../src/audit/event-types.js';
import { UpkeepModule } from '../../src/audit/upkeep.module.js';
import { ConfigModule } from '../../src/platform/config/config.module.js';
import { loadConfiguration } from '../../src/platform/config/configuration.js';
import { DatabaseModule } from '../../src/platform/database/database.module.js';
import { HealthModule } from '../../src/platform/health/health.module.js';
import { applicationOptions, configureHttp, createAdapter } from '../../src/platform/http/configure-http.js';
import { accessOf } from '../../src/platform/http/decorators.js';
import { HttpModule } from '../../src/platform/http/http.module.js';
import { createLogger } from '../../src/platform/logging/logger.js';
import { LoggingModule } from '../../src/platform/logging/logging.module.js';
import { MetricsModule } from '../../src/platform/metrics/metrics.module.js';
import { QueueModule } from '../../src/platform/queue/queue.module.js';
import { actorOf } from '../support/audit-trail.js';

/** Takes the organization that a request names for the caller's, who may read the trail and nothing else. */
class NamedOrganizationGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { permission } = accessOf(context.getHandler(), context.getClass());
    request.actor = actorOf(String(request.headers['x-organization']));
    return permission !== undefined && request.actor.permissions.has(permission);
  }
}

/** Starts an application of events, their delivery, their upkeep and the routes that show them. */
export async function startAudit(
  databaseUrl: string,
  dataFolder: string,
  role: 'all' | 'api',
): Promise<NestFastifyApplication> {
  const configuration = loadConfiguration({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATABASE_URL: databaseUrl,
    DATA_FOLDER: dataFolder,
    PROCESS_ROLE: role,
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
      QueueModule,
      AuditModule,
      DeliveryModule,
      UpkeepModule,
      HttpModule,
      AuditApiModule,
    ],
    providers: [{ provide: APP_GUARD, useClass: NamedOrganizationGuard }],
  })
  class TestModule {}

  const testing = await Test.createTestingModule({ imports: [TestModule] })
    .setLogger(applicationOptions(logger).logger as never)
    .compile();
  const app = testing.createNestApplication<NestFastifyApplication>(createAdapter(), applicationOptions(logger));
  app
    .get(EventTypes)
    .register([
      { type: 'test.noted', version: 1, isPublished: false, description: 'Something was noted: its number.' },
    ]);
  await configureHttp(app, configuration);
  await app.init();
  return app;
}
