import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '../../src/kernel/id.js';
import { Database } from '../../src/platform/database/database.js';
import { Pools } from '../../src/platform/database/pools.js';
import { Sql } from '../../src/platform/database/sql.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { eventually } from '../support/eventually.js';

let proviso: TestApplication;
let admin: pg.Client;

beforeAll(async () => {
  proviso = await startApplication();
  admin = new pg.Client({ connectionString: proviso.database.url });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await proviso.stop();
});

/** Cuts the connection of the transaction that waits for us. */
const cut = async (): Promise<void> => {
  const { rowCount } = await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'proviso-aggregates' and state = 'idle in transaction'`,
  );
  expect(rowCount).toBe(1);
};

it('goes on after more connections broke within transactions than the pool has', async () => {
  const database = proviso.app.get(Database);
  const organizationId = newId();
  for (let loss = 1; loss <= 5; loss++) {
    const broken = database.transaction(organizationId, async (em) => {
      await em.execute('select 1');
      await cut();
      await em.execute('select 1');
    });
    await expect(broken).rejects.toThrow();
  }
  await eventually(async () => {
    const [row] = await database.transaction(organizationId, (em) => em.execute<{ one: number }[]>('select 1 as one'));
    expect(row).toEqual({ one: 1 });
  }, 5_000);
});

it('tells how long statements take, those that fail included, and not what frames a transaction', async () => {
  const told: [string, number][] = [];
  const pools = new Pools(proviso.database.url, (pool, seconds) => told.push([pool, seconds]));
  const pool = pools.get('probe', { role: 'app', max: 1, pipeline: true });
  await pool.query('begin');
  await pool.query('select pg_sleep(0.05)');
  await expect(pool.query('select 1 / 0')).rejects.toThrow('division by zero');
  await pool.query('rollback');
  await new Sql(pool).read(newId(), 'select 1');
  await pools.onApplicationShutdown();
  expect(told.map(([name]) => name)).toEqual(['probe', 'probe', 'probe']);
  expect(told[0]![1]).toBeGreaterThanOrEqual(0.049);
  const text = await proviso.app.get(Metrics).registry.getSingleMetricAsString('db_query_duration_seconds');
  for (const name of ['aggregates', 'statements'])
    expect(text).toContain(`db_query_duration_seconds_count{pool="${name}"}`);
});
