import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const NANOSECONDS = 1e-9;

/** Bounds in seconds for what a caller waits for. */
export const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

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
    this.watchEventLoop();
  }

  /** Each scrape tells the delay since the one before. */
  private watchEventLoop(): void {
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    new Gauge({
      name: 'event_loop_delay_seconds',
      help: 'How late the event loop was since the last scrape, by quantile',
      labelNames: ['quantile'] as const,
      registers: [this.registry],
      collect() {
        for (const quantile of [0.5, 0.99, 1]) {
          this.set({ quantile }, delay.percentile(quantile * 100) * NANOSECONDS);
        }
        delay.reset();
      },
    });
  }
}
