import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { BOTH, type Fault } from './fault.js';
import type { FaultScene } from './fault-scene.js';
import type { SeededChance } from './seeded-chance.js';

const REDIS_AWAY_MS = 30_000;
const POSTGRES_AWAY_MS = 20_000;
/** Afterwards everything runs again for some time before the next outage. */
const UP_MS = 6_000;

async function stopRedis(scene: FaultScene, chance: SeededChance): Promise<void> {
  await sleep(chance.between(0, 2_000));
  const at = Date.now();
  await scene.redis.stop();
  await sleep(REDIS_AWAY_MS);
  await scene.redis.start();
  scene.note(at, undefined, false);
  await sleep(UP_MS);
}

async function cutPostgres(scene: FaultScene, chance: SeededChance): Promise<void> {
  const signal = chance.pick(['SIGQUIT', 'SIGINT'] as const);
  await sleep(chance.between(0, 2_000));
  const at = Date.now();
  await scene.postgres.cut(signal);
  await sleep(POSTGRES_AWAY_MS);
  await scene.postgres.restart();
  scene.note(at, undefined, true);
  await eventually(() => scene.rows('select'), 30_000);
  await sleep(UP_MS);
}

/** Redis loses all and stays away for 30 s. */
export const redisAway: Fault = { name: 'redis-away', backends: ['redis'], isOutage: true, inflict: stopRedis };

/** PostgreSQL crashes or is stopped, and stays away for 20 s. */
export const postgresAway: Fault = {
  name: 'postgres-away',
  backends: BOTH,
  isOutage: true,
  inflict: cutPostgres,
};
