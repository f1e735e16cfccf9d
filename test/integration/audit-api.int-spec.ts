import { once } from 'node:events';
import { mkdtemp, stat } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { parseExport } from '../../src/audit/proof/export-format.js';
import { verifyInclusion } from '../../src/audit/proof/merkle-tree.js';
import type { TrailReport } from '../../src/audit/proof/verify.js';
import { verifyRecords } from '../../src/audit/proof/verify.js';
import type { EventView } from '../../src/audit/queries/event-view.js';
import type { EventProof } from '../../src/audit/queries/prove-event.js';
import type { TimelineEntry } from '../../src/audit/queries/subject-timeline.js';
import { newId } from '../../src/kernel/id.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { actorOf, AuditTrail } from '../support/audit-trail.js';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { startAudit } from './audit-application.js';

interface Listed<T> {
  readonly data: readonly T[];
  readonly pagination: { readonly limit: number; readonly nextCursor?: string };
}

const mine = newId();
const theirs = newId();
const subject = { type: 'lead', id: newId() };
const ruleId = newId();
const somebody = actorOf(mine);

let database: TestDatabase;
let trail: AuditTrail;
let app: NestFastifyApplication;
let dataFolder: string;
/** Mine, oldest first: 5 about the subject, 4 of a rule, 3 by somebody, then 20 others. */
let ids: string[];
let theirId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  trail = await AuditTrail.open(database.url);
  await rememberAnswer('expired', '-1 second');
  await rememberAnswer('fresh', '1 hour');
  dataFolder = await mkdtemp(join(process.env.TEST_FOLDER!, 'audit-api-'));
  app = await startAudit(database.url, dataFolder, 'all');
  ids = [
    ...(await trail.record(mine, 5, { subject })),
    ...(await trail.record(mine, 4, { ruleIds: [ruleId], type: 'rules.executed' })),
    ...(await trail.record(mine, 3, { actor: somebody })),
    ...(await trail.record(mine, 20)),
  ];
  [theirId] = (await trail.record(theirs, 1, { subject, ruleIds: [ruleId] })) as [string];
  await eventually(async () => expect((await read<{ treeSize: number }>('head')).treeSize).toBe(32));
});
afterAll(async () => {
  await app.close();
  await trail.close();
  await database.drop();
});

const rememberAnswer = (key: string, expiresIn: string): Promise<unknown> =>
  trail.owner.query(
    `insert into idempotency_keys (organization_id, actor_id, key, route, request_hash, expires_at)
     values ($1, $1, $2, 'POST /things', '', now() + $3::interval)`,
    [mine, key, expiresIn],
  );

const ask = (path: string, organizationId = mine) =>
  app.inject({ method: 'GET', url: `/api/v1/audit/${path}`, headers: { 'x-organization': organizationId } });

async function read<T>(path: string, organizationId = mine): Promise<T> {
  const answer = await ask(path, organizationId);
  expect(answer.statusCode).toBe(200);
  return answer.json<T>();
}

const idsOf = async (query: string, organizationId = mine): Promise<string[]> =>
  (await read<Listed<EventView>>(`events?${query}`, organizationId)).data.map(({ id }) => id);

describe('the list of events', () => {
  it.each([
    ['subject', `subject=lead:${subject.id}`, 0, 5],
    ['subject in two parts', `subjectType=lead&subjectId=${subject.id}`, 0, 5],
    ['rule', `ruleId=${ruleId}`, 5, 9],
    ['actor', `actorId=${somebody.id}`, 9, 12],
    ['correlation', `correlationId=${somebody.correlationId}`, 9, 12],
    ['type', 'type=rules.executed', 5, 9],
    ['rule and type', `ruleId=${ruleId}&type=rules.executed`, 5, 9],
  ])('is filtered by %s, newest first', async (_, query, begin, end) => {
    expect(await idsOf(query)).toEqual(ids.slice(begin, end).reverse());
  });

  it('is empty where filters contradict each other', async () => {
    expect(await idsOf(`ruleId=${ruleId}&subjectId=${subject.id}`)).toEqual([]);
    expect(await idsOf('to=2020-01-01T00:00:00Z')).toEqual([]);
    expect((await ask(`events?subject=lead:${subject.id}&subjectId=${subject.id}`)).statusCode).toBe(400);
  });

  it('goes on by cursor until the end', async () => {
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const page = await read<Listed<EventView>>(`events?limit=10${cursor}`);
      seen.push(...page.data.map(({ id }) => id));
      if (page.pagination.nextCursor === undefined) break;
      cursor = `&cursor=${page.pagination.nextCursor}`;
    }
    expect(seen).toEqual(ids.toReversed());
    const forged = Buffer.from('["yesterday","me"]').toString('base64url');
    expect((await ask(`events?cursor=${forged}`)).statusCode).toBe(400);
  });

  it('looks at 5,000 events for a page, which may be empty and leads on', async () => {
    const many = newId();
    const [wanted] = await trail.record(many, 1, { type: 'test.rare' });
    await Promise.all(Array.from({ length: 20 }, () => trail.record(many, 260)));
    const first = await read<Listed<EventView>>('events?type=test.rare', many);
    expect(first.data).toEqual([]);
    const second = await read<Listed<EventView>>(`events?type=test.rare&cursor=${first.pagination.nextCursor!}`, many);
    expect(second.data.map(({ id }) => id)).toEqual([wanted]);
    expect(second.pagination.nextCursor).toBeUndefined();
  });
});

describe('one event', () => {
  it('is given whole', async () => {
    const { data } = await read<{ data: EventView }>(`events/${ids[0]}`);
    expect(data).toMatchObject({ id: ids[0], subject, type: 'test.noted', typeVersion: 1, payload: { number: 0 } });
  });

  it.each(['00000000-0000-4000-8000-000000000000', 'ffffffff-ffff-4fff-8fff-ffffffffffff'])(
    'that does not exist is not found: %s',
    async (id) => expect((await ask(`events/${id}`)).statusCode).toBe(404),
  );

  it('is proved to be in the tree', async () => {
    const { data } = await read<{ data: EventProof }>(`events/${ids[20]}/proof`);
    const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
    const claim = {
      leaf: bytes(data.leafHash),
      index: data.index,
      size: data.seal.treeSize,
      root: bytes(data.seal.root),
    };
    expect(data).toMatchObject({ eventId: ids[20], index: 20 });
    expect(verifyInclusion(claim, data.path.map(bytes))).toBe(true);
    expect(verifyInclusion({ ...claim, index: 19 }, data.path.map(bytes))).toBe(false);
  });
});

describe('another organization', () => {
  it('is answered as if nothing were there', async () => {
    expect((await ask(`events/${theirId}`)).statusCode).toBe(404);
    expect((await ask(`events/${theirId}/proof`)).statusCode).toBe(404);
    expect(await idsOf(`subjectId=${subject.id}`, theirs)).toEqual([theirId]);
    expect(await idsOf(`ruleId=${ruleId}`, theirs)).toEqual([theirId]);
    expect(await read('head', newId())).toMatchObject({ treeSize: 0 });
    expect((await ask('export', theirs)).body).not.toContain(ids[0]);
  });
});

describe('the trail', () => {
  it('is verified', async () => {
    const { data } = await read<{ data: TrailReport }>('verify');
    expect(data).toMatchObject({ ok: true, treeSize: 32, events: 32, findings: [] });
    const answer = await ask('verify?from=2026-02-02T00:00:00Z&to=2026-01-01T00:00:00Z');
    expect(answer.json()).toMatchObject({ status: 422, code: 'audit-range-reversed' });
  });

  it('is exported with all that its verification needs', async () => {
    const answer = await ask('export');
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    async function* body(): AsyncGenerator<string> {
      yield answer.body;
    }
    expect(await verifyRecords(parseExport(body()), await read('head'))).toMatchObject({ ok: true, events: 32 });
  });

  it('is exported as CloudEvents', async () => {
    const lines = (await ask('export?format=cloudevents')).body.trim().split('\n');
    expect(lines).toHaveLength(32);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      specversion: '1.0',
      id: ids[0],
      source: `/organizations/${mine}`,
      subject: `lead/${subject.id}`,
      data: { number: 0 },
    });
  });

  it('gives its connection back when nobody reads the export to its end', async () => {
    const large = newId();
    await Promise.all(Array.from({ length: 20 }, () => trail.record(large, 250)));
    await app.listen(0, '127.0.0.1');
    for (let time = 0; time < 4; time += 1) {
      const request = get(`${await app.getUrl()}/api/v1/audit/export`, { headers: { 'x-organization': large } });
      const [answer] = (await once(request, 'response')) as [NodeJS.ReadableStream];
      await once(answer, 'readable');
      request.destroy();
    }
    expect((await ask('verify')).statusCode).toBe(200);
  });

  it('shows the keys and keeps the private one to itself', async () => {
    const { data } = await read<{ data: { keyId: string; publicKey: string }[] }>('keys');
    expect(data).toHaveLength(2);
    expect(data[0]!.publicKey).toContain('BEGIN PUBLIC KEY');
    expect((await stat(join(dataFolder, 'audit-signing-key.pem'))).mode & 0o777).toBe(0o600);
  });

  it('is told as the story of a subject, oldest first', async () => {
    const path = `timeline/lead/${subject.id}`;
    const first = await read<Listed<TimelineEntry>>(`${path}?limit=3`);
    const rest = await read<Listed<TimelineEntry>>(`${path}?limit=3&cursor=${first.pagination.nextCursor!}`);
    expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(ids.slice(0, 5));
    expect(first.data[0]).toMatchObject({ sentence: 'Something was noted.', payload: { number: 0 } });
    expect(rest.pagination.nextCursor).toBeUndefined();
    expect((await read<Listed<TimelineEntry>>(`timeline/deal/${subject.id}`)).data).toEqual([]);
  });
});

describe('upkeep', () => {
  it('forgets expired answers', async () => {
    const { rows } = await trail.owner.query<{ key: string }>('select key from idempotency_keys');
    expect(rows).toEqual([{ key: 'fresh' }]);
  });

  it('makes partitions ahead, so that nothing is written beside them', async () => {
    const { rows } = await trail.owner.query<{ name: string }>(
      "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'events'::regclass",
    );
    const month = new Date().toISOString().slice(0, 7).replace('-', '');
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['events_default', `events_${month}01`]));
    expect(rows).toHaveLength(4);
    expect((await trail.owner.query('select from events_default')).rowCount).toBe(0);
  });

  it('tells how far the seals are behind', async () => {
    expect(await app.get(Metrics).registry.metrics()).toMatch(/audit_seal_age_seconds \d/);
  });
});
