import { Injectable } from '@nestjs/common';
import { InjectConfiguration } from '../config/config.module.js';
import type { Configuration } from '../config/configuration.js';
import { Logger } from '../logging/logger.js';
import { Metrics } from './metrics.js';

/** Tells of operations that take longer than SLOW_OPERATION_MS: one line of the level warn, and a count. */
@Injectable()
export class SlowOperations {
  constructor(
    private readonly metrics: Metrics,
    private readonly logger: Logger,
    @InjectConfiguration() private readonly configuration: Pick<Configuration, 'SLOW_OPERATION_MS'>,
  ) {}

  /** `operation` is a kind of work from a short list, such as `http` or `query`; the fields say which one it was. */
  observe(operation: string, durationMs: number, fields: Readonly<Record<string, unknown>>): void {
    if (durationMs <= this.configuration.SLOW_OPERATION_MS) return;
    this.metrics.slowOperations.inc({ operation });
    this.logger.warn({ ...fields, event: 'slow-operation', operation, durationMs: Math.round(durationMs) });
  }
}
