import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const NANOSECONDS = 1e-9;

/** Bounds in seconds for what a caller waits for. */
export const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Sums of gauges that stand there by type as well; only counters may be called so. */
const namedLikeCounters = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** The process's figures, in base units. A module defines its own with `new Counter({ registers: [metrics.registry] })`. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'route', 'status'] as const,
    registers: [this.registry],
  });

  readonly requestDuration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer',
    labelNames: ['method', 'route'] as const,
    buckets: LATENCY_BUCKETS,
    registers: [this.registry],
  });

  readonly slowOperations = new Counter({
    name: 'slow_operations_total',
    help: 'Operations that took longer than SLOW_OPERATION_MS',
    labelNames: ['operation'] as const,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    for (const name of namedLikeCounters) this.registry.removeSingleMetric(name);
    this.watchEventLoop();
  }

  /** Each scrape tells the delay since the one before. */
  private watchEventLoop(): void {
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    new Gauge({
      name: 'event_loop_delay_seconds',
      help: 'How late the event loop was since the last scrape, by percentile',
      labelNames: ['percentile'] as const,
      registers: [this.registry],
      collect() {
        for (const percentile of [50, 99, 100]) {
          this.set({ percentile }, delay.percentile(percentile) * NANOSECONDS);
        }
        delay.reset();
      },
    });
  }
}
