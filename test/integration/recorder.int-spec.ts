import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { DurableRecord } from '../../src/audit/recorder.js';
import { newId } from '../../src/kernel/id.js';
import { AuditTrail } from '../support/audit-trail.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let trail: AuditTrail;
let one: string;
let other: string;

beforeAll(async () => {
  database = await createTestDatabase();
  trail = await AuditTrail.open(database.url);
});
afterAll(async () => {
  await trail.close();
  await database.drop();
});
beforeEach(() => {
  one = newId();
  other = newId();
});

/** Records of two organizations in turns, each with a rule to find it by. */
const records = (count: number): DurableRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    event: trail.event(index % 2 === 0 ? one : other),
    ruleIds: [newId()],
  }));

/** A row that PostgreSQL refuses: a number that its column cannot hold. */
function poisoned(record: DurableRecord): DurableRecord {
  const { row, leafHash } = record.event;
  return { ...record, event: { row: { ...row, depth: 70_000 }, leafHash } };
}

const storedOf = async (organizationId: string): Promise<string[]> => {
  const { rows } = await trail.owner.query<{ id: string }>(
    `select event.id from events as event join rule_matches as match on match.event_id = event.id
     where event.organization_id = $1 and match.organization_id = $1 order by event.id`,
    [organizationId],
  );
  return rows.map(({ id }) => id);
};
const idsOf = (given: readonly DurableRecord[], organizationId: string): string[] =>
  given
    .map(({ event }) => event.row)
    .filter((row) => row.organizationId === organizationId)
    .map(({ id }) => id)
    .sort();

it('records 199 of a batch of 200 in which one row is refused, and only its caller hears of it', async () => {
  const batch = records(200);
  batch[77] = poisoned(batch[77]!);
  const answers = await trail.recorder.recordAll(batch);
  expect(answers.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([77]);
  expect((answers[77] as PromiseRejectedResult).reason).toMatchObject({ code: '22003' });
  const sound = batch.filter((_, index) => index !== 77);
  expect(await storedOf(one)).toEqual(idsOf(sound, one));
  expect(await storedOf(other)).toEqual(idsOf(sound, other));
});

it('does the same for 200 callers who come at once', async () => {
  const batch = records(200);
  batch[0] = poisoned(batch[0]!);
  batch[199] = poisoned(batch[199]!);
  const answers = await Promise.allSettled(batch.map((record) => trail.recorder.record(record)));
  expect(answers.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([0, 199]);
  expect((await storedOf(one)).length + (await storedOf(other)).length).toBe(198);
});

it('takes more than one batch at once, in order, and nothing twice', async () => {
  const batch = records(450);
  const answers = await trail.recorder.recordAll(batch);
  expect(answers.every(({ status }) => status === 'fulfilled')).toBe(true);
  const again = await trail.recorder.recordAll(batch.slice(0, 10));
  expect(again.every(({ status }) => status === 'fulfilled')).toBe(true);
  expect(await storedOf(one)).toEqual(idsOf(batch, one));
  expect(await storedOf(other)).toEqual(idsOf(batch, other));
});

it('pushes back for those that find no room, and keeps the others', async () => {
  const batch = records(10_450);
  const answers = await trail.recorder.recordAll(batch);
  const refused = answers.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  expect(refused).toHaveLength(450);
  expect(refused[0]!.reason).toMatchObject({ kind: 'unavailable', code: 'recorder-full' });
  expect((await storedOf(one)).length + (await storedOf(other)).length).toBe(10_000);
});
