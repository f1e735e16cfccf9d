import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { Metrics } from '../../platform/metrics/metrics.js';

/** How the keys of subjects are found, and what cannot be opened, which nobody should ever see. */
@Injectable()
export class ErasureMetrics {
  private readonly keys: Counter<'result'>;
  private readonly failures: Counter<'what'>;

  constructor({ registry }: Metrics) {
    const registers = [registry];
    this.keys = new Counter({
      name: 'subject_keys_requests_total',
      help: 'Look-ups of keys of sensitive and personal values, by whether they were in memory',
      labelNames: ['result'] as const,
      registers,
    });
    this.failures = new Counter({
      name: 'sealed_values_unreadable_total',
      help: 'Keys that no configured key opens, and records whose values do not open with their key',
      labelNames: ['what'] as const,
      registers,
    });
  }

  lookedUp(hits: number, misses: number): void {
    this.keys.inc({ result: 'hit' }, hits);
    this.keys.inc({ result: 'miss' }, misses);
  }

  /** A key or a record could not be opened. */
  unreadable(what: 'key' | 'record' = 'key'): void {
    this.failures.inc({ what });
  }
}
