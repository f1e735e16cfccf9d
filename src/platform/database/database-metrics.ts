import { Gauge, type Registry } from 'prom-client';
import type { Pools } from './pools.js';

/** Connections by pool and state. */
export function defineDatabaseMetrics(registry: Registry, pools: Pools): void {
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
