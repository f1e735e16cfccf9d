import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { notFound, unavailable } from '../../src/kernel/domain-error.js';
import { newId } from '../../src/kernel/id.js';
import type { JsonObject } from '../../src/kernel/json.js';
import { Pools } from '../../src/platform/database/pools.js';
import { createLogger } from '../../src/platform/logging/logger.js';
import { ErrorLog } from '../../src/platform/queue/error-log.js';
import { JobHandlers, type JobHandler } from '../../src/platform/queue/job-handlers.js';
import { openQueueBackend } from '../../src/platform/queue/queue-backend.js';
import { Queues } from '../../src/platform/queue/queues.js';
import { startBackendApp, type BackendApp } from '../support/backend-app.js';
import { eventually } from '../support/eventually.js';
import { SeverableProxy } from '../support/severable-proxy.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const redisUrl = process.env.TEST_REDIS && new URL('/1', process.env.TEST_REDIS).href;
const backends = [{ name: 'PostgreSQL', redisUrl: undefined }, ...(redisUrl ? [{ name: 'Redis', redisUrl }] : [])];

it('has one handler for each job', () => {
  const handlers = new JobHandlers();
  const handler: JobHandler = { queue: 'jobs', name: 'import', handle: () => Promise.resolve() };
  handlers.register(handler);
  expect(() => handlers.register(handler)).toThrow('two handlers');
  expect(() => handlers.get('jobs', 'export')).toThrow('no handler');
});

describe.each(backends)('queues in $name', ({ redisUrl: queueUrl }) => {
  let database: TestDatabase;
  let proxy: SeverableProxy;
  const apps: BackendApp[] = [];

  /** An application whose way to the server of the queues can be cut. */
  const startCuttable = (handlers: readonly JobHandler[], role: 'api' | 'all' = 'all'): Promise<BackendApp> =>
    startAt(proxy.url, handlers, role);
  const start = (handlers: readonly JobHandler[]): Promise<BackendApp> =>
    startAt(queueUrl ?? database.url, handlers, 'all');
  const startAt = async (
    url: string,
    handlers: readonly JobHandler[],
    role: 'api' | 'all' | 'worker',
  ): Promise<BackendApp> => {
    const place = queueUrl ? { databaseUrl: database.url, redisUrl: url } : { databaseUrl: url };
    const app = await startBackendApp({ ...place, role, handlers });
    apps.push(app);
    return app;
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await SeverableProxy.start(queueUrl ?? database.url);
  });
  afterEach(async () => {
    proxy.mend();
    await Promise.all(apps.splice(0).map((app) => app.context.close()));
  });
  afterAll(async () => {
    await proxy.stop();
    await database.drop();
  });

  it('does each job, once per id while it waits, and logs one line', async () => {
    const done: JsonObject[] = [];
    const app = await start([
      { queue: 'jobs', name: 'count', handle: (data) => Promise.resolve(void done.push(data)) },
    ]);
    const queues = app.context.get(Queues);
    const organizationId = newId();
    const correlationId = newId();
    queues.wake('jobs', [{ name: 'count', data: { organizationId, correlationId, stepIds: ['one', 'two'] } }]);
    await eventually(() => expect(done).toHaveLength(1));
    await eventually(() =>
      expect(app.lines).toContainEqual(
        expect.objectContaining({
          event: 'job-completed',
          queue: 'jobs',
          job: 'count',
          ids: { stepIds: 2 },
          durationMs: expect.any(Number) as unknown,
          organizationId,
          correlationId,
        }),
      ),
    );
    const later = { name: 'count', data: { number: 2 }, jobId: 'count-2', delayMs: 700 };
    await queues.addAll('jobs', [later, later]);
    await queues.addAll('jobs', [later]);
    expect((await queues.state('jobs')).counts).toMatchObject({ delayed: 1 });
    expect(done).toHaveLength(1);
    await eventually(() => expect(done).toHaveLength(2));
    await sleep(300);
    expect(done).toHaveLength(2);
    await queues.addAll('jobs', [later]);
    await eventually(() => expect(done).toHaveLength(3));
  });

  it('leaves trying again to the tables, and frees the id of a failed job', async () => {
    let runs = 0;
    const app = await start([
      {
        queue: 'jobs',
        name: 'fail',
        handle: () => {
          runs++;
          throw notFound('Lead', 'x');
        },
      },
    ]);
    const job = { name: 'fail', data: {}, jobId: 'fail-1' };
    await app.context.get(Queues).addAll('jobs', [job]);
    await eventually(() =>
      expect(app.lines).toContainEqual(
        expect.objectContaining({
          event: 'job-failed',
          failure: expect.objectContaining({ code: 'not-found' }) as object,
        }),
      ),
    );
    await sleep(500);
    expect(runs).toBe(1);
    await app.context.get(Queues).addAll('jobs', [job]);
    await eventually(() => expect(runs).toBe(2));
  });

  it('neither holds up nor breaks a producer while the server is away', async () => {
    const done: JsonObject[] = [];
    const app = await startCuttable([
      { queue: 'jobs', name: 'note', handle: (data) => Promise.resolve(void done.push(data)) },
    ]);
    const queues = app.context.get(Queues);
    proxy.cut();
    await sleep(200);
    const start = performance.now();
    for (let n = 0; n < 2_000; n++) queues.wake('jobs', [{ name: 'note', data: { n } }]);
    expect(performance.now() - start).toBeLessThan(3_000);
    await expect(queues.addAll('jobs', [{ name: 'note', data: {} }])).rejects.toThrow();
    expect(performance.now() - start).toBeLessThan(10_000);
    const warnings = app.lines.filter(({ event }) => event === 'queue-hint-dropped');
    expect(warnings.length).toBeLessThan(3);
    proxy.mend();
    await eventually(() => queues.addAll('jobs', [{ name: 'note', data: { back: true } }]), 20_000);
    await eventually(() => expect(done).toContainEqual({ back: true }), 20_000);
  });

  it('lets another worker take over the job of a lost one', async () => {
    const runs: string[] = [];
    const handler = (worker: string, work: () => Promise<void>): JobHandler => ({
      queue: 'maintenance',
      name: 'long',
      handle: () => {
        runs.push(worker);
        return work();
      },
    });
    const lost = Promise.withResolvers<void>();
    const first = await startCuttable([handler('first', () => lost.promise)]);
    await first.context.get(Queues).addAll('maintenance', [{ name: 'long', data: {} }]);
    await eventually(() => expect(runs).toEqual(['first']));
    proxy.cut();
    const start = performance.now();
    await startAt(queueUrl ?? database.url, [handler('second', () => Promise.resolve())], 'worker');
    await eventually(() => expect(runs).toEqual(['first', 'second']), 20_000);
    expect(performance.now() - start).toBeLessThan(14_000);
    lost.resolve();
    proxy.mend();
    // A worker that is told to close while it reconnects takes its whole 30 s.
    await sleep(1_500);
  });

  it('lets a running job end before it stops', async () => {
    let hasEnded = false;
    const began = Promise.withResolvers<void>();
    const app = await start([
      {
        queue: 'jobs',
        name: 'slow',
        handle: async () => {
          began.resolve();
          await sleep(500);
          hasEnded = true;
        },
      },
    ]);
    await app.context.get(Queues).addAll('jobs', [{ name: 'slow', data: {} }]);
    await began.promise;
    await apps.pop()!.context.close();
    expect(hasEnded).toBe(true);
  });

  it('does not start without its server', async () => {
    proxy.cut();
    const pools = new Pools(proxy.url);
    const errors = new ErrorLog(createLogger({ LOG_LEVEL: 'silent', NODE_ENV: 'test' }));
    const opening = openQueueBackend({ redisUrl: queueUrl && proxy.url }, pools);
    await expect(opening.then((backend) => Queues.open(backend, errors))).rejects.toThrow();
    await pools.onApplicationShutdown();
  });

  it('takes no job where the role is api', async () => {
    let runs = 0;
    const handler: JobHandler = { queue: 'jobs', name: 'idle', handle: () => Promise.resolve(void runs++) };
    const api = await startCuttable([handler], 'api');
    await api.context.get(Queues).addAll('jobs', [{ name: 'idle', data: {} }]);
    await sleep(500);
    expect(runs).toBe(0);
    await start([handler]);
    await eventually(() => expect(runs).toBe(1));
  });

  it('keeps an error of the domain apart from others', async () => {
    const app = await start([
      {
        queue: 'jobs',
        name: 'away',
        handle: () => Promise.reject(unavailable('mail-away', 'The mail server is away.')),
      },
    ]);
    await app.context.get(Queues).addAll('jobs', [{ name: 'away', data: {} }]);
    await eventually(() =>
      expect(app.lines).toContainEqual(
        expect.objectContaining({ failure: { code: 'mail-away', message: 'The mail server is away.' } }),
      ),
    );
  });
});
