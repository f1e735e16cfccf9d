import { setTimeout as sleep } from 'node:timers/promises';
import {
  createPostgresBackend,
  createRedisBackend,
  withBackend,
  type BackendFactory,
  type ConnectionOptions,
  type Queue,
} from 'bullmq';
import pg from 'pg';
import { BOTH, type Fault } from './fault.js';
import type { FaultScene } from './fault-scene.js';
import type { SeededChance } from './seeded-chance.js';

const STEP_QUEUES = ['workflow-steps', 'emails', 'webhooks'] as const;
const MOST_JOBS = 1_000;

const OPEN_RUNS = `select organization_id as "organizationId", id as "stepRunId", queue from workflow_step_runs
  where status in ('waiting', 'running') order by id limit ${MOST_JOBS}`;

const EMPTY = `do $$ begin
  execute (select 'truncate ' || string_agg(format('bullmq.%I', tablename), ', ') from pg_tables
    where schemaname = 'bullmq' and tablename not in ('migration', 'meta'));
end $$`;

/** Everything that the queues hold is lost at once, jobs at work and alarms alike. */
async function loseQueue(scene: FaultScene, chance: SeededChance): Promise<void> {
  const pauseMs = chance.between(300, 2_500);
  const at = Date.now();
  if (scene.backend === 'redis') await scene.redis.flush();
  else await scene.owner.query(EMPTY);
  scene.note(at, undefined, false);
  await sleep(pauseMs);
}

/** Some jobs vanish, others come twice, late, early or in another order. */
async function mangleJobs(scene: FaultScene, chance: SeededChance): Promise<void> {
  const at = Date.now();
  for (const name of STEP_QUEUES) {
    const doubled = await scene.rows<Record<string, string>>(OPEN_RUNS);
    await withQueue(scene, name, async (queue) => {
      for (const job of await queue.getJobs(['waiting', 'delayed'], 0, MOST_JOBS)) {
        const what = chance.pick(['lost', 'lost', 'early', 'late', 'kept'] as const);
        // Meanwhile a worker may have it, and then it is no longer ours to move.
        if (what === 'lost') await job.remove().catch(() => undefined);
        else if (what === 'early') await job.promote().catch(() => undefined);
        else if (what === 'late') await job.changeDelay(chance.between(100, 4_000)).catch(() => undefined);
      }
      const jobs = doubled
        .filter((run) => run['queue'] === name && chance.next() < 0.5)
        .flatMap(({ organizationId, stepRunId }) =>
          [chance.between(0, 2_000), chance.between(0, 2_000)].map((delay) => ({
            name: 'run-step',
            data: { organizationId, stepRunId },
            opts: { delay, removeOnComplete: true, removeOnFail: true },
          })),
        );
      await queue.addBulk(jobs);
    });
  }
  scene.note(at, undefined, false);
  await sleep(chance.between(200, 1_500));
}

async function withQueue(scene: FaultScene, name: string, work: (queue: Queue) => Promise<void>): Promise<void> {
  const { factory, connection, end } = connectionOf(scene);
  const queue = new (withBackend(factory).Queue)(name, { connection }) as unknown as Queue;
  try {
    await queue.waitUntilReady();
    await work(queue);
  } finally {
    await queue.close();
    await end();
  }
}

function connectionOf(scene: FaultScene): {
  factory: BackendFactory;
  connection: ConnectionOptions;
  end: () => Promise<void>;
} {
  if (scene.backend === 'redis') {
    return { factory: createRedisBackend, connection: { url: scene.redis.url }, end: async () => undefined };
  }
  const pool = new pg.Pool({ connectionString: scene.databaseUrl, max: 2, options: '-c search_path=bullmq' });
  pool.on('error', () => undefined);
  const factory = createPostgresBackend as unknown as BackendFactory;
  return { factory, connection: pool, end: () => pool.end() };
}

/** `FLUSHALL`, or the queue's tables emptied. */
export const lostQueue: Fault = { name: 'lose-queue', backends: BOTH, inflict: loseQueue };

/** Jobs doubled, lost and reordered from outside. */
export const mangledJobs: Fault = { name: 'mangle-jobs', backends: BOTH, inflict: mangleJobs };
