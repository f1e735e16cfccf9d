import { Injectable } from '@nestjs/common';
import { Gauge, Histogram, type Registry } from 'prom-client';
import { LATENCY_BUCKETS, Metrics } from '../metrics/metrics.js';
import type { Pools } from './pools.js';

/** Connections by pool and state. */
export function defineConnectionMetrics(registry: Registry, pools: Pools): void {
  new Gauge({
    name: 'db_connections',
    help: 'Connections to the database: busy, idle, and requests that wait for one',
    labelNames: ['pool', 'state'],
    registers: [registry],
    collect() {
      for (const { pool, total, idle, waiting } of pools.counts()) {
        this.set({ pool, state: 'busy' }, total - idle);
        this.set({ pool, state: 'idle' }, idle);
        this.set({ pool, state: 'waiting' }, waiting);
      }
    },
  });
}

/** How long statements take. */
@Injectable()
export class QueryDuration {
  private readonly duration: Histogram<'pool'>;

  constructor({ registry }: Metrics) {
    this.duration = new Histogram({
      name: 'db_query_duration_seconds',
      help: 'Time of a statement, waiting for those before it on its connection included',
      labelNames: ['pool'] as const,
      buckets: LATENCY_BUCKETS,
      registers: [registry],
    });
  }

  observe(pool: string, seconds: number): void {
    this.duration.observe({ pool }, seconds);
  }
}
