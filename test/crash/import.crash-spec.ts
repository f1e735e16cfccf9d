import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CrashScene } from '../support/crash-scene.js';
import { interestedAmong, leadsFrom, ndjson } from '../support/demo-content.js';
import { eventually } from '../support/eventually.js';
import { prepareLoad, SteadyLoad } from '../support/steady-load.js';
import { expectComplete, expectMailsOnce, expectRecorded, expectSoundTrail, sumsOf } from '../support/sums.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const SEED = 20_261_122;
const LEADS = 2_000;
const TWINS = 25;
const BROKEN = 15;
/** Mails that one process sends at a time: the concurrency of its queue. */
const MAILS_AT_ONCE = 10;

/** Numbers from 0 to 1, the same for the same seed: a linear congruential generator (Numerical Recipes). */
const chance = (() => {
  let state = SEED;
  return (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
})();

let database: TestDatabase;
let scene: CrashScene;

beforeAll(async () => {
  database = await createTestDatabase();
  scene = await CrashScene.open(database.url, 'PT2S');
  await prepareLoad(scene);
  scene.mails.behave(() => sleep(50));
}, 120_000);

afterAll(async () => {
  await scene?.close();
  await database.drop();
});

const countOf = async (from: string): Promise<number> =>
  (await scene.row<{ count: number }>(`select count(*)::int as count from ${from}`)).count;

/** Kills the process at some moment after so many rows are there. @returns mails that were on their way */
async function killOnceThere(from: string, atLeast: number): Promise<number> {
  await eventually(async () => expect(await countOf(from)).toBeGreaterThanOrEqual(atLeast), 60_000);
  await sleep(chance() * 150);
  await scene.kill();
  // What the process sent last may still be at work in the database.
  await eventually(async () =>
    expect(
      await countOf(`pg_stat_activity where application_name like 'proviso-%' and datname = current_database()`),
    ).toBe(0),
  );
  return countOf(`emails where status = 'sending'`);
}

describe('a process that is killed in the middle of an import, and again while its mails go out', () => {
  it('loses and doubles nothing', async () => {
    const leads = leadsFrom(0, LEADS);
    const steady = leadsFrom(20_000, 2_000);
    const load = new SteadyLoad(scene, steady);
    const broken = Array.from({ length: BROKEN }, () => ({ source: 'radio' }));
    const body = ndjson([...leads, ...leads.slice(0, TWINS), ...broken]);
    const received = await scene.call('POST', '/leads/import', { body });
    expect(received).toMatchObject({ status: 202, body: { data: { total: LEADS + TWINS + BROKEN } } });

    const first = await killOnceThere('leads join lead_imports on created >= 500', 1);
    expect(await countOf(`lead_imports where status = 'running'`)).toBe(1);
    await scene.start();

    const second = await killOnceThere('emails', 60);
    await scene.start();
    await sleep(2_000);
    await load.stop();

    const created = steady.slice(0, load.created.length);
    const interested = interestedAmong([...leads, ...created]).length;
    const sums = await eventually(async () => {
      const found = await sumsOf(scene.owner);
      expectComplete(found, LEADS + created.length, interested);
      return found;
    }, 90_000);
    expect(await scene.row(`select status, total, created, duplicate, rejected from lead_imports`)).toEqual({
      status: 'completed',
      total: LEADS + TWINS + BROKEN,
      created: LEADS,
      duplicate: TWINS,
      rejected: BROKEN,
    });
    expect(Math.max(first, second)).toBeLessThanOrEqual(MAILS_AT_ONCE);
    expect(sums.unknown).toBeLessThanOrEqual(first + second);
    await expectMailsOnce(scene.owner, scene.mails);
    await expectRecorded(scene.owner, load.decided);
    await scene.kill();
    await expectSoundTrail(scene.databaseUrl, scene.organizationId);
  }, 180_000);
});
