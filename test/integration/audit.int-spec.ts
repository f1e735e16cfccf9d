import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { readCheckpoints } from '../../src/audit/cursor.js';
import { leafHash } from '../../src/audit/proof/leaf-hash.js';
import type { TrailHead } from '../../src/audit/proof/verify.js';
import { sealNext } from '../../src/audit/sealing/seal-batch.js';
import { SEALER_CHECKPOINT, writeBatch } from '../../src/audit/sealing/seal-tables.js';
import { Sealer } from '../../src/audit/sealing/sealer.js';
import { storedEventOf, STORED_EVENT_COLUMNS, type StoredEventRow } from '../../src/audit/store/stored-event.js';
import { newId } from '../../src/kernel/id.js';
import { ErrorLog } from '../../src/platform/queue/error-log.js';
import { AuditTrail } from '../support/audit-trail.js';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let trail: AuditTrail;
let organizationId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  trail = await AuditTrail.open(database.url);
});
afterAll(async () => {
  await trail.close();
  await database.drop();
});
beforeEach(() => {
  organizationId = newId();
});

/** Records some, seals, records some more, seals again. */
async function sealedEvents(...counts: readonly number[]): Promise<string[]> {
  const ids: string[] = [];
  for (const count of counts) {
    ids.push(...(await trail.record(organizationId, count)));
    await trail.seal();
  }
  return ids;
}

const sealSizes = async (id = organizationId): Promise<number[]> =>
  (
    await trail.owner.query<{ size: number }>(
      'select tree_size::integer as size from audit_seals where organization_id = $1 order by tree_size',
      [id],
    )
  ).rows.map(({ size }) => size);

/** Both verifiers find the same and name the same events. */
async function expectFound(kind: string, eventIds: readonly string[], head?: TrailHead): Promise<void> {
  const report = await trail.verify(organizationId, {}, head);
  expect(report.findings.map((finding) => finding.kind)).toEqual(Array(Math.max(1, eventIds.length)).fill(kind));
  expect(report.findings.flatMap(({ eventId }) => eventId ?? []).toSorted()).toEqual(eventIds.toSorted());
  const { exitCode, output } = await trail.verifyExported(organizationId, {}, head);
  expect(exitCode).toBe(1);
  expect(output).toContain(`FAULT ${kind}`);
  for (const eventId of eventIds) expect(output).toContain(eventId);
}

const storedEvent = async (id: string): Promise<ReturnType<typeof storedEventOf>> => {
  const { rows } = await trail.owner.query<StoredEventRow>(
    `select ${STORED_EVENT_COLUMNS} from events event where event.id = $1`,
    [id],
  );
  return storedEventOf(rows[0]!);
};

/** Changes what a row tells, and its hash along with it. */
async function rewrite(id: string): Promise<void> {
  const changed = { ...(await storedEvent(id)), payload: '{"number":-1}' };
  await trail.tamper("update events set payload = convert_to($2, 'UTF8'), leaf_hash = $3 where id = $1", [
    id,
    changed.payload,
    leafHash(changed),
  ]);
}

describe('sealing', () => {
  it('covers every event of every organization, and both verifiers agree that nothing is wrong', async () => {
    const other = newId();
    await trail.record(organizationId, 3);
    await trail.record(other, 2);
    await trail.seal();
    await trail.record(organizationId, 300);
    await trail.seal();
    for (const [id, size] of [
      [organizationId, 303],
      [other, 2],
    ] as const) {
      const report = await trail.verify(id, {}, await trail.head(id));
      expect(report).toMatchObject({ ok: true, treeSize: size, events: size, unsealed: 0, keyIds: [trail.key.keyId] });
      expect(await trail.verifyExported(id, {}, await trail.head(id))).toMatchObject({ exitCode: 0 });
    }
    expect(await sealSizes()).toEqual([3, 303]);
    expect(await sealSizes(other)).toEqual([2]);
  });

  it('makes ranges from seal to seal that are verified by themselves', async () => {
    await sealedEvents(2);
    await sleep(5);
    const from = new Date().toISOString();
    await sealedEvents(270);
    const to = new Date().toISOString();
    await sealedEvents(3);
    await trail.record(organizationId, 1);
    const range = await trail.verify(organizationId, { from, to: from });
    expect(range).toMatchObject({ ok: true, from: 2, treeSize: 272, events: 270, unsealed: 0 });
    const rest = await trail.verify(organizationId, { from: to });
    expect(rest).toMatchObject({ ok: true, from: 272, treeSize: 275, events: 4, unsealed: 1 });
    expect(await trail.verifyExported(organizationId, { from, to: from })).toMatchObject({ exitCode: 0 });
    expect(await trail.verifyExported(organizationId, { from: to })).toMatchObject({ exitCode: 0 });
    await trail.seal();
  });

  it('puts a late commit in its place, because it waits for it', async () => {
    const late = new pg.Client({ connectionString: database.url });
    await late.connect();
    try {
      const { row, leafHash: hash } = trail.event(organizationId);
      await late.query('begin');
      await late.query(
        `insert into events (epoch, id, occurred_at, organization_id, stream, stream_version, ordinal, type, version,
           subject_type, subject_id, actor_type, actor_id, correlation_id, depth, published, payload, leaf_hash)
         values (1, $1, $2, $3, $4, 1, 0, $5, 1, $6, $7, $8, $9, $10, 0, false, convert_to($11, 'UTF8'), $12)`,
        [
          ...[row.id, row.occurredAt, organizationId, row.stream, row.type, row.subjectType, row.subjectId],
          ...[row.actorType, row.actorId, row.correlationId, row.payload, hash],
        ],
      );
      await trail.record(organizationId, 2);
      const held = await sealNext(trail.sealer, { epoch: 1, key: trail.key, logger: trail.logger });
      expect(held.oldestUnsealedAt).toBeDefined();
      expect(await sealSizes()).toEqual([]);
      await late.query('commit');
    } finally {
      await late.end();
    }
    await trail.seal();
    expect(await sealSizes()).toEqual([3]);
    expect(await trail.verify(organizationId)).toMatchObject({ ok: true, events: 3 });
  });

  it('loses nothing to a killed leader, to concurrent writers and to a second sealer', async () => {
    const dependencies = { url: database.url, epoch: 1, key: trail.key, logger: trail.logger };
    const errors = new ErrorLog(trail.logger);
    const [first, second] = [new Sealer({ ...dependencies, errors }), new Sealer({ ...dependencies, errors })];
    first.start();
    second.start();
    try {
      const organizations = [organizationId, newId()];
      const writing = Promise.all([0, 1, 2, 3].map((n) => trail.record(organizations[n % 2]!, 100)));
      await eventually(async () => expect((await sealSizes()).length).toBeGreaterThan(0));
      await trail.owner.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'proviso-sealer' and datname = current_database()",
      );
      await first.stop();
      await writing;
      for (const id of organizations) {
        await eventually(async () => expect((await sealSizes(id)).at(-1)).toBe(200), 20_000);
        expect(await trail.verify(id)).toMatchObject({ ok: true, events: 200, unsealed: 0 });
      }
      expect(second.sealAgeSeconds).toBeLessThan(10);
      const logged = trail.lines.filter((line) => line.event === 'audit-sealed' && line.level === 'info');
      expect(logged.some((line) => line.organizationId === organizationId)).toBe(true);
    } finally {
      await Promise.all([first.stop(), second.stop()]);
    }
  });

  it('writes nothing when another sealer was quicker', async () => {
    const from = (await readCheckpoints(trail.sealer)).get(SEALER_CHECKPOINT)!;
    const stale = { ...from, position: String(BigInt(from.position) + 1n) };
    const tiles = [{ organizationId, level: 0, tile: 0, hashes: Buffer.alloc(32) }];
    await expect(writeBatch(trail.sealer, { from: stale, to: from, seals: [], tiles })).rejects.toThrow('steps back');
    const { rows } = await trail.owner.query('select from audit_tiles where organization_id = $1', [organizationId]);
    expect(rows).toEqual([]);
  });

  it('seals nothing twice when its checkpoint was set back', async () => {
    await sealedEvents(5);
    await trail.owner.query("update relay_checkpoints set epoch = 0, tx = '0', position = 0 where name = 'sealer'");
    await sealedEvents(2);
    expect(await sealSizes()).toEqual([5, 7]);
    expect(await trail.verify(organizationId)).toMatchObject({ ok: true, events: 7 });
  });

  it('builds upon no tile that was changed, and lets the others go on', async () => {
    await sealedEvents(3);
    const { rows } = await trail.owner.query<{ hashes: Buffer }>(
      'select hashes from audit_tiles where organization_id = $1',
      [organizationId],
    );
    await trail.tamper(
      'update audit_tiles set hashes = overlay(hashes placing $2::bytea from 1) where organization_id = $1',
      [organizationId, Buffer.alloc(32)],
    );
    const other = newId();
    await trail.record(organizationId, 2);
    await trail.record(other, 1);
    await trail.seal();
    expect(await sealSizes()).toEqual([3]);
    expect(await sealSizes(other)).toEqual([1]);
    expect(trail.lines).toContainEqual(expect.objectContaining({ event: 'audit-tree-damaged', organizationId }));
    await trail.tamper('update audit_tiles set hashes = $2 where organization_id = $1', [
      organizationId,
      rows[0]!.hashes,
    ]);
    await trail.owner.query("update relay_checkpoints set epoch = 0, tx = '0', position = 0 where name = 'sealer'");
    await trail.seal();
    expect(await trail.verify(organizationId)).toMatchObject({ ok: true, events: 5, unsealed: 0 });
  });
});

describe('verification names', () => {
  it('a row whose payload and hash were changed together', async () => {
    const ids = await sealedEvents(4, 4);
    await rewrite(ids[2]!);
    await expectFound('row-changed', [ids[2]!]);
  });

  it('a row whose bytes are no text any more', async () => {
    const ids = await sealedEvents(3);
    await trail.tamper("update events set payload = '\\xff'::bytea where id = $1", [ids[1]]);
    await expectFound('row-changed', [ids[1]!]);
  });

  it('a row that is gone', async () => {
    const ids = await sealedEvents(4);
    await trail.tamper('delete from events where id = $1', [ids[1]]);
    await expectFound('row-deleted', []);
    const { output } = await trail.verifyExported(organizationId);
    expect(output).toContain(ids[0]!);
  });

  it('a row that was put in between', async () => {
    const ids = await sealedEvents(3);
    const inserted = newId();
    await trail.tamper(
      `insert into events overriding system value
       select (jsonb_populate_record(e, jsonb_build_object('id', $2::text))).*
       from events e where e.id = $1`,
      [ids[1], inserted],
    );
    await expectFound('row-inserted', [inserted]);
  });

  it('two rows that changed places', async () => {
    const ids = await sealedEvents(6);
    await trail.tamper(
      `update events e set tx = other.tx from events other
       where (e.id, other.id) in (($1, $2), ($2, $1))`,
      [ids[1], ids[4]],
    );
    await expectFound('rows-swapped', [ids[1]!, ids[4]!]);
  });

  it('a tail that was cut off with all its seals, against a head kept elsewhere', async () => {
    const ids = await sealedEvents(3, 2);
    const head = await trail.head(organizationId);
    await trail.tamper('delete from events where id = any($1)', [ids.slice(3)]);
    await trail.tamper('delete from audit_seals where organization_id = $1 and tree_size > 3', [organizationId]);
    await trail.tamper(
      'update audit_tiles set hashes = substring(hashes for 96) where organization_id = $1 and level = 0',
      [organizationId],
    );
    expect(await trail.verify(organizationId)).toMatchObject({ ok: true, treeSize: 3 });
    await expectFound('tail-cut', [], head);
  });

  it('a row that was changed before it was sealed, which the sealer reports at once', async () => {
    const [id] = await trail.record(organizationId, 2);
    await trail.tamper("update events set payload = convert_to('{}', 'UTF8') where id = $1", [id]);
    await trail.seal();
    expect(trail.lines).toContainEqual(
      expect.objectContaining({ event: 'leaf-mismatch', level: 'error', eventId: id }),
    );
    await expectFound('row-changed', [id!]);
  });
});

it('nobody of the application may change or remove an event, or write a seal', async () => {
  const [id] = await sealedEvents(1);
  for (const role of ['app', 'recorder', 'relay', 'sealer', 'sweeper'] as const) {
    const pool = trail.pools.get(`try-${role}`, { role, max: 1 });
    await expect(pool.query('delete from events where id = $1', [id])).rejects.toThrow('permission denied');
    await expect(pool.query('update events set depth = 9 where id = $1', [id])).rejects.toThrow('permission denied');
    if (role === 'sealer') continue;
    await expect(pool.query("update audit_seals set root = ''")).rejects.toThrow('permission denied');
  }
  await expect(trail.owner.query('delete from events where id = $1', [id])).rejects.toThrow('append-only');
});
