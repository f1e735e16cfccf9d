// A process of its own for the test of its end: serves probes until a signal comes, and says where it listens.
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '../../dist/platform/config/config.module.js';
import { loadConfiguration } from '../../dist/platform/config/configuration.js';
import { HealthModule } from '../../dist/platform/health/health.module.js';
import { closeOnSignals } from '../../dist/platform/health/lifecycle.js';
import { applicationOptions, configureHttp, createAdapter } from '../../dist/platform/http/configure-http.js';
import { HttpModule } from '../../dist/platform/http/http.module.js';
import { createLogger } from '../../dist/platform/logging/logger.js';
import { LoggingModule } from '../../dist/platform/logging/logging.module.js';
import { MetricsModule } from '../../dist/platform/metrics/metrics.module.js';

const configuration = loadConfiguration({ NODE_ENV: 'test', LOG_LEVEL: 'silent' });
const logger = createLogger(configuration);

class ServerModule {}
Module({
  imports: [
    ConfigModule.forRoot(configuration),
    LoggingModule.forRoot(logger),
    MetricsModule.forRoot(configuration),
    HttpModule,
    HealthModule,
  ],
})(ServerModule);

const app = await NestFactory.create(ServerModule, createAdapter(), applicationOptions(logger));
await configureHttp(app, configuration);
closeOnSignals(app, Number(process.argv[2]));
await app.listen(0, '127.0.0.1');
process.stdout.write(`${app.getHttpServer().address().port}\n`);
