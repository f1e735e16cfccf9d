import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AuditApiModule } from './audit/audit-api.module.js';
import { AuditModule } from './audit/audit.module.js';
import { DeliveryModule } from './audit/delivery/delivery.module.js';
import { ErasureModule } from './audit/erasure/erasure.module.js';
import { UpkeepModule } from './audit/upkeep.module.js';
import { CrmModule } from './crm/crm.module.js';
import { IdentityModule } from './identity/identity.module.js';
import { CacheModule } from './platform/cache/cache.module.js';
import { ConfigModule } from './platform/config/config.module.js';
import type { Configuration } from './platform/config/configuration.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { HealthModule } from './platform/health/health.module.js';
import { HttpModule } from './platform/http/http.module.js';
import type { Logger } from './platform/logging/logger.js';
import { LoggingModule } from './platform/logging/logging.module.js';
import { MetricsModule } from './platform/metrics/metrics.module.js';
import { QueueModule } from './platform/queue/queue.module.js';
import { RulesModule } from './rules/rules.module.js';
import { WorkflowsModule } from './workflows/workflows.module.js';

/** Everything there is. */
@Module({})
export class AppModule {
  static forRoot(configuration: Configuration, logger: Logger): DynamicModule {
    return {
      module: AppModule,
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
        AuditApiModule,
        DeliveryModule,
        ErasureModule,
        UpkeepModule,
        IdentityModule,
        RulesModule,
        WorkflowsModule.forRoot(configuration),
        CrmModule,
      ],
    };
  }
}
