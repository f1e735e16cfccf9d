import type { OnApplicationShutdown } from '@nestjs/common';
import type pg from 'pg';
import { timeQueries } from './time-queries.js';
import { createPool, type PoolSettings } from './pool.js';

/** Every pool of this process, one per role and purpose: made on first use, counted in the metrics, closed at the end. */
export class Pools implements OnApplicationShutdown {
  private readonly pools = new Map<string, pg.Pool>();

  /** @param onQuery is told how long each statement took */
  constructor(
    private readonly url: string,
    private readonly onQuery: (pool: string, seconds: number) => void = () => undefined,
  ) {}

  /** The pool called `name`; the settings count when it is made. */
  get(name: string, settings: PoolSettings): pg.Pool {
    const existing = this.pools.get(name);
    if (existing) return existing;
    const pool = createPool(this.url, settings);
    timeQueries(pool, (seconds) => this.onQuery(name, seconds));
    this.pools.set(name, pool);
    return pool;
  }

  /** Connections by pool, for the metrics. */
  counts(): { pool: string; total: number; idle: number; waiting: number }[] {
    return [...this.pools].map(([pool, { totalCount, idleCount, waitingCount }]) => ({
      pool,
      total: totalCount,
      idle: idleCount,
      waiting: waitingCount,
    }));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.end()));
  }
}
