import { Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import { LATENCY_BUCKETS, Metrics } from '../../platform/metrics/metrics.js';
import type { WebhookOutcome } from './webhook-outcome.js';

/** Figures of webhooks. */
@Injectable()
export class WebhookMetrics {
  private readonly deliveries: Counter<'status'>;
  private readonly duration: Histogram;

  constructor({ registry }: Metrics) {
    this.deliveries = new Counter({
      name: 'webhook_deliveries_total',
      help: 'Attempts to deliver a webhook, by what they came to',
      labelNames: ['status'] as const,
      registers: [registry],
    });
    this.duration = new Histogram({
      name: 'webhook_delivery_duration_seconds',
      help: 'Time from looking the receiver up to its answer, or to giving up',
      buckets: LATENCY_BUCKETS,
      registers: [registry],
    });
  }

  /** Counts an attempt that came to its end. */
  ended({ status }: WebhookOutcome, durationMs: number): void {
    this.deliveries.inc({ status });
    this.duration.observe(durationMs / 1000);
  }
}
