import { Client } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';

const TABLES = `
  select oid::regclass::text as name from pg_class
  where relkind in ('r', 'p') and not relispartition and relname <> 'encryption_keys'
    and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'bullmq'::regnamespace)
  order by 1`;

/** How many rows each of our tables holds; apart from the queue's own and what is noted when a key is used first. */
export async function countRows(databaseUrl: string): Promise<Record<string, number>> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(TABLES);
    const counts = tables.map(({ name }) => `select '${name}' as name, count(*)::int as count from ${name}`);
    const { rows } = await client.query<{ name: string; count: number }>(counts.join(' union all '));
    return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
  } finally {
    await client.end();
  }
}

const QUIET_MS = 1500;
/**
 * What writes nothing for a while, and more in the end: jobs that compute, events that are not relayed yet, and reactions
 * whose job was lost or waits.
 */
const UNFINISHED = `
  select from backtests where status in ('queued', 'running')
  union all
  select from events e join relay_checkpoints relayed on relayed.name = 'reactions'
  where e.published and (e.epoch, e.tx, e.position) > (relayed.epoch, relayed.tx, relayed.position)
  union all
  select from relay_checkpoints settled join relay_checkpoints relayed on relayed.name = 'reactions'
  where settled.name like 'settled:%'
    and (settled.epoch, settled.tx, settled.position) < (relayed.epoch, relayed.tx, relayed.position)
  limit 1`;

async function hasUnfinished(databaseUrl: string): Promise<boolean> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(UNFINISHED)).rows.length > 0;
  } finally {
    await client.end();
  }
}

/** The counts when what works in the background has come to rest: they did not change for a second and a half. */
export async function countRowsAtRest(databaseUrl: string): Promise<Record<string, number>> {
  for (let before = await countRows(databaseUrl); ;) {
    await sleep(QUIET_MS);
    const after = await countRows(databaseUrl);
    const isQuiet = JSON.stringify(after) === JSON.stringify(before);
    if (isQuiet && !(await hasUnfinished(databaseUrl))) return after;
    before = after;
  }
}
