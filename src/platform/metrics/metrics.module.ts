import { type DynamicModule, Module } from '@nestjs/common';
import type { Configuration } from '../config/configuration.js';
import { metricsController } from './metrics.controller.js';
import { MetricsServer } from './metrics-server.js';
import { Metrics } from './metrics.js';
import { SlowOperations } from './slow-operations.js';

/** Figures and slow operations for all modules, and the ways to read them. */
@Module({})
export class MetricsModule {
  static forRoot(configuration: Pick<Configuration, 'isProduction'>): DynamicModule {
    return {
      module: MetricsModule,
      global: true,
      controllers: [metricsController(!configuration.isProduction)],
      providers: [Metrics, SlowOperations, MetricsServer],
      exports: [Metrics, SlowOperations],
    };
  }
}
