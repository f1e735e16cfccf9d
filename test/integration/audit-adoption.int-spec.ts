import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { StoredEvent } from '../../src/audit/delivery/reactions.js';
import { UnitOfWork } from '../../src/audit/unit-of-work.js';
import { newId, PLATFORM_ORGANIZATION } from '../../src/kernel/id.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/embedded/embedded-postgres.js';
import { actorOf, AuditTrail } from '../support/audit-trail.js';
import { HAPPENED, startBackendApp, type BackendApp } from '../support/backend-app.js';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const organizationId = newId();
const actor = actorOf(organizationId);

let folder: string;
let old: TestDatabase;
let cluster: EmbeddedPostgres;
let handled: number[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(process.env.TEST_FOLDER!, 'adoption-'));
  // The servers write the copies, under an account of their own.
  await chmod(folder, 0o777);
  old = await createTestDatabase();
  const silent = (): void => undefined;
  cluster = await startEmbeddedPostgres({ folder: join(folder, 'cluster'), log: silent, disposable: true });
  expect(runCommand(cluster.url, 'head')).toEqual({ exitCode: 0, printed: '' });
}, 120_000);
afterAll(async () => {
  await cluster.stop();
  await old.drop();
});

const start = (databaseUrl: string, role: 'all' | 'api'): Promise<BackendApp> =>
  startBackendApp({
    databaseUrl,
    role,
    reactions: [
      {
        name: 'note-it',
        eventTypes: [HAPPENED],
        async handle(_unit, events: readonly StoredEvent[]) {
          handled.push(...events.map(({ payload }) => payload.number as number));
        },
      },
    ],
  });

async function tell({ context }: BackendApp, ...numbers: readonly number[]): Promise<void> {
  await context.get(UnitOfWork).run(actor, async (unit) => {
    for (const number of numbers) {
      unit.record('thing', { id: newId(), version: 1 }, { type: HAPPENED, version: 1, payload: { number } });
    }
  });
}

/** Migrates and runs a command, in a process of its own. */
function runCommand(databaseUrl: string, ...words: readonly string[]): { exitCode: number | null; printed: string } {
  const environment = { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'test', DATABASE_URL: databaseUrl };
  const script = fileURLToPath(new URL('../support/audit-command.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, 'audit', ...words], {
    encoding: 'utf8',
    env: environment,
  });
  return { exitCode: status, printed: stdout + stderr };
}

async function connected<R>(url: string, work: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Copies every row of ours as a dump would, into the empty tables of the other cluster. */
async function copyRows(from: string, to: string): Promise<void> {
  await connected(from, (source) =>
    connected(to, async (target) => {
      await target.query('set session_replication_role = replica');
      const { rows: tables } = await source.query<{ name: string; columns: string }>(
        `select class.relname as name, string_agg(quote_ident(attname), ', ' order by attnum) as columns
         from pg_class class join pg_attribute on attrelid = class.oid
         where class.relnamespace = 'public'::regnamespace and class.relkind in ('r', 'p') and not class.relispartition
           and attnum > 0 and not attisdropped and attgenerated = '' and class.relname <> 'schema_migrations'
         group by class.relname`,
      );
      for (const { name, columns } of tables) {
        const file = join(folder, `${name}.copy`);
        await source.query(`copy (select ${columns} from ${name}) to '${file}'`);
        await target.query(`delete from ${name}`);
        // COPY keeps given positions, as OVERRIDING SYSTEM VALUE does.
        await target.query(`copy ${name} (${columns}) from '${file}'`);
      }
    }),
  );
}

/** So that transaction numbers of the copies lie ahead of those of the new cluster. */
const BURN_TRANSACTIONS = `do $$ begin
  for n in 1..10000 loop perform pg_current_xact_id(); commit; end loop;
end $$`;

describe('rows copied into another cluster', () => {
  let trail: AuditTrail;

  beforeAll(async () => {
    await connected(old.url, (client) => client.query(BURN_TRANSACTIONS));
    const app = await start(old.url, 'all');
    await tell(app, 1, 2);
    await eventually(() => expect(handled).toEqual([1, 2]));
    await app.context.close();
    const before = await AuditTrail.open(old.url);
    await before.seal();
    await before.close();
    const quiet = await start(old.url, 'api');
    await tell(quiet, 3, 4);
    await quiet.context.close();
    await copyRows(old.url, cluster.url);
    handled = [];
  });
  afterAll(() => trail?.close());

  it('come from transactions that this cluster has yet to reach', async () => {
    const { rows } = await connected(cluster.url, (client) =>
      client.query<{ ahead: boolean }>('select min(tx) > pg_current_xact_id() as ahead from events'),
    );
    expect(rows).toEqual([{ ahead: true }]);
  });

  it('are refused until they are adopted', async () => {
    await expect(start(cluster.url, 'all')).rejects.toThrow('audit adopt');
  });

  it('are adopted once, and that is recorded', async () => {
    expect(runCommand(cluster.url, 'adopt').printed).toContain('epoch 2 begins');
    expect(runCommand(cluster.url, 'adopt').printed).toContain('Nothing to do');
    const told = await connected(cluster.url, (client) =>
      client.query("select epoch, organization_id from events where type = 'audit.rows-adopted'"),
    );
    expect(told.rows).toEqual([{ epoch: 2, organization_id: PLATFORM_ORGANIZATION }]);
  });

  it('are relayed and sealed to the end, and what is written then follows them', async () => {
    const app = await start(cluster.url, 'all');
    try {
      await eventually(() => expect(handled).toEqual([3, 4]));
      await tell(app, 5);
      await eventually(() => expect(handled).toEqual([3, 4, 5]));
    } finally {
      await app.context.close();
    }
    trail = await AuditTrail.open(cluster.url);
    await trail.seal(2);
    expect(await trail.verify(organizationId)).toMatchObject({ ok: true, treeSize: 5, events: 5, unsealed: 0 });
  });

  it('are verified by the command, for every organization and against heads kept elsewhere', async () => {
    const { printed: heads } = runCommand(cluster.url, 'head');
    const [platform, mine] = heads.trim().split('\n') as [string, string];
    expect(JSON.parse(platform)).toMatchObject({ organizationId: PLATFORM_ORGANIZATION, treeSize: 1 });
    const file = join(folder, 'heads.json');
    await writeFile(file, heads);
    const clean = runCommand(cluster.url, 'verify', '--head', file);
    expect(clean.printed).toMatch(/^.*: nothing wrong.*\n.*: nothing wrong/);
    expect(clean.exitCode).toBe(0);
    const ahead = { ...(JSON.parse(mine) as object), treeSize: 9 };
    await writeFile(file, JSON.stringify(ahead, null, 2));
    const words = ['verify', '--organization', organizationId, '--head', file, '--json'];
    const { exitCode, printed } = runCommand(cluster.url, ...words);
    expect(exitCode).toBe(1);
    expect(JSON.parse(printed)).toMatchObject({ organizationId, ok: false, findings: [{ kind: 'tail-cut' }] });
  });

  it('are exported by the command into a new file', async () => {
    const file = join(folder, 'trail.ndjson');
    runCommand(cluster.url, 'export', '--organization', organizationId, '--output', file);
    expect((await readFile(file, 'utf8')).split('\n')[0]).toContain('"kind":"header"');
  });
});
