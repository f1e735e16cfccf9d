import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CrashScene } from '../support/crash-scene.js';
import { interestedAmong, leadsFrom, ndjson } from '../support/demo-content.js';
import { eventually } from '../support/eventually.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { hasOwnRedis, OwnRedis } from '../support/own-redis.js';
import { type SpawnedProcess, spawnProcess } from '../support/proviso-process.js';
import { prepareLoad, SteadyLoad } from '../support/steady-load.js';
import { expectComplete, expectMailsOnce, expectRecorded, expectSoundTrail, sumsOf } from '../support/sums.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const imported = leadsFrom(0, 400);
const steady = leadsFrom(20_000, 2_000);
/** Decisions are sent again for 10 s; nobody waits much longer. */
const LONGEST_ANSWER_MS = 15_000;
/** Nobody listens here. */
const NOWHERE = 'postgres://nobody:secret@127.0.0.1:9/nothing';
let absent: SpawnedProcess;

// Takes a minute, beside the others.
beforeAll(() => {
  absent = spawnProcess({ databaseUrl: NOWHERE });
});

afterAll(() => absent.kill('SIGKILL'));

const importLeads = async (scene: CrashScene): Promise<void> => {
  const { status } = await scene.call('POST', '/leads/import', { body: ndjson(imported) });
  expect(status).toBe(202);
};

const untilMailsGoOut = (scene: CrashScene): Promise<void> =>
  eventually(async () => expect(scene.mails.received.length).toBeGreaterThan(10), 30_000);

/** Expects that all which was asked for is done in the end, and that the process was never started anew. */
async function expectNothingLost(scene: CrashScene, load: SteadyLoad): Promise<void> {
  const leads = imported.length + load.created.length;
  const interested = interestedAmong([...imported, ...steady.slice(0, load.created.length)]).length;
  await eventually(async () => expectComplete(await sumsOf(scene.owner), leads, interested), 60_000);
  await expectMailsOnce(scene.owner, scene.mails);
  await expectRecorded(scene.owner, load.decided);
  expect(scene.process.lines.filter(({ event }) => event === 'started')).toHaveLength(1);
  await scene.kill();
  await expectSoundTrail(scene.databaseUrl, scene.organizationId);
}

describe('PostgreSQL that crashes and stays away for 20 s', () => {
  let postgres: OwnPostgres;
  let scene: CrashScene;

  beforeAll(async () => {
    postgres = await OwnPostgres.start();
    scene = await CrashScene.open(postgres.url, 'PT2S');
    await prepareLoad(scene);
    scene.mails.behave(() => sleep(50));
  }, 120_000);

  afterAll(async () => {
    await scene?.close();
    await postgres?.stop();
  });

  it('has requests refused meanwhile, and everything go on after it, without a restart', async () => {
    const load = new SteadyLoad(scene, steady);
    await importLeads(scene);
    await untilMailsGoOut(scene);
    expect(load.refusals).toEqual([]);
    await postgres.cut('SIGQUIT');
    await sleep(5_000);
    expect(await scene.readiness()).toBe(503);
    await sleep(15_000);
    await postgres.restart();
    await eventually(async () => expect(await scene.readiness()).toBe(200), 15_000);
    const decided = load.decided.length;
    await eventually(() => expect(load.decided.length).toBeGreaterThan(decided + 50), 20_000);
    await load.stop();
    expect(load.unanswered).toBe(0);
    expect(load.refusals.length).toBeGreaterThan(0);
    for (const refusal of load.refusals) {
      expect(refusal).toMatchObject({ status: 503, mediaType: expect.stringMatching(/^application\/problem\+json/) });
      expect(Number(refusal.retryAfter)).toBeGreaterThan(0);
      expect(refusal.afterMs).toBeLessThan(LONGEST_ANSWER_MS);
    }
    await expectNothingLost(scene, load);
  }, 150_000);
});

(hasOwnRedis ? describe : describe.skip)('Redis that loses everything and stays away for 30 s', () => {
  let redis: OwnRedis;
  let database: TestDatabase;
  let scene: CrashScene;

  beforeAll(async () => {
    [redis, database] = await Promise.all([OwnRedis.start(), createTestDatabase()]);
    scene = await CrashScene.open(database.url, 'PT2S', { QUEUE_URL: redis.url });
    await prepareLoad(scene);
    scene.mails.behave(() => sleep(50));
  }, 120_000);

  afterAll(async () => {
    await scene?.close();
    await redis.stop();
    await database.drop();
  });

  it('keeps no request from being answered, and nothing from being done after it', async () => {
    const load = new SteadyLoad(scene, steady);
    await importLeads(scene);
    await untilMailsGoOut(scene);
    await redis.stop();
    await sleep(30_000);
    await redis.start();
    await sleep(2_000);
    await load.stop();
    expect([load.refusals, load.unanswered]).toEqual([[], 0]);
    await expectNothingLost(scene, load);
  }, 150_000);
});

describe('PostgreSQL that is not there at the start', () => {
  it('is waited for, and then the process says so and fails', async () => {
    expect(await absent.exited).toBe(1);
    expect(absent.lines).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('Waiting for the database at 127.0.0.1:9') }),
    );
    expect(absent.errors()).toContain('The database at 127.0.0.1:9 did not answer within 60 s; check DATABASE_URL');
  }, 90_000);
});
