import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { readCheckpoints } from '../../src/audit/cursor.js';
import { Installation } from '../../src/audit/installation.js';
import { Reactions, type Reaction, type StoredEvent } from '../../src/audit/delivery/reactions.js';
import { Relay } from '../../src/audit/delivery/relay.js';
import { jobsFor, readPublished, RELAY_CHECKPOINT } from '../../src/audit/delivery/relay-batch.js';
import { UnitOfWork } from '../../src/audit/unit-of-work.js';
import { invalid } from '../../src/kernel/domain-error.js';
import { newId } from '../../src/kernel/id.js';
import type { Actor } from '../../src/platform/http/actor.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { ErrorLog } from '../../src/platform/queue/error-log.js';
import { Pools } from '../../src/platform/database/pools.js';
import { openQueueBackend } from '../../src/platform/queue/queue-backend.js';
import { Queues } from '../../src/platform/queue/queues.js';
import { HAPPENED, startBackendApp, type BackendApp, type BackendAppSettings } from '../support/backend-app.js';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** A Redis database of its own, so that suites that run at the same time do not take each other's jobs. */
const redisUrl = process.env.TEST_REDIS && new URL('/2', process.env.TEST_REDIS).href;
const backends = [{ name: 'PostgreSQL', url: undefined }, ...(redisUrl ? [{ name: 'Redis', url: redisUrl }] : [])];

const actorOf = (organizationId: string, depth = 0): Actor => ({
  type: 'user',
  id: newId(),
  organizationId,
  roles: [],
  permissions: new Set(),
  correlationId: newId(),
  depth,
});

/** Tells that something happened to one subject per number, in one transaction. */
async function tell(app: BackendApp, actor: Actor, ...numbers: readonly number[]): Promise<void> {
  await app.context.get(UnitOfWork).run(actor, async (unit) => {
    for (const number of numbers) {
      unit.record('thing', { id: newId(), version: 1 }, { type: HAPPENED, version: 1, payload: { number } });
    }
  });
}

const numberOf = ({ payload }: StoredEvent): number => payload.number as number;

describe.each(backends)('events reach reactions, queues in $name', ({ url: queueUrl }) => {
  let database: TestDatabase;
  let owner: pg.Client;
  let organizationId: string;
  let calls: { reaction: string; numbers: number[] }[] = [];
  let failing: (numbers: readonly number[]) => void = () => undefined;

  const handledBy = (reaction: string): number[] =>
    calls.filter((call) => call.reaction === reaction).flatMap(({ numbers }) => numbers);

  /** Notes the numbers in order; `failing` may throw before. Told events are told again by `unit.on`. */
  const noting = (name: string): Reaction => ({
    name,
    eventTypes: [HAPPENED],
    async handle(_unit, events) {
      const mine = events.filter((event) => event.organizationId === organizationId);
      if (mine.length === 0) return;
      calls.push({ reaction: name, numbers: mine.map(numberOf) });
      failing(mine.map(numberOf));
    },
  });

  const start = (settings: Pick<BackendAppSettings, 'role' | 'reactions'>): Promise<BackendApp> =>
    startBackendApp({ databaseUrl: database.url, redisUrl: queueUrl, ...settings });

  const handled = (): number[] => handledBy('note-it').toSorted((one, other) => one - other);

  const told = async (type: string): Promise<Record<string, unknown>[]> =>
    (
      await owner.query<Record<string, unknown>>(
        `select *, convert_from(payload, 'UTF8')::jsonb as content from events where organization_id = $1 and type = $2
         order by id`,
        [organizationId, type],
      )
    ).rows;

  const failures = async (): Promise<Record<string, unknown>[]> =>
    (
      await owner.query<Record<string, unknown>>('select * from reaction_failures where organization_id = $1', [
        organizationId,
      ])
    ).rows;

  beforeAll(async () => {
    database = await createTestDatabase();
    owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
  });
  afterAll(async () => {
    await owner.end();
    await database.drop();
  });
  beforeEach(() => {
    organizationId = newId();
    calls = [];
    failing = () => undefined;
  });

  describe('in a running worker', () => {
    let app: BackendApp;
    const tellingOn: Reaction = {
      name: 'tell-it-on',
      eventTypes: [HAPPENED],
      async handle(unit, events) {
        for (const event of events.filter((candidate) => candidate.payload.again === true)) {
          const payload = { number: numberOf(event), of: event.id };
          unit.on(event).record('echo', { id: newId(), version: 1 }, { type: HAPPENED, version: 1, payload });
        }
      },
    };

    beforeAll(async () => {
      app = await start({ role: 'all', reactions: [noting('note-it'), tellingOn] });
    });
    afterAll(() => app.context.close());

    it('handles each event once, many in one transaction', async () => {
      const numbers = Array.from({ length: 250 }, (_, index) => index);
      await tell(app, actorOf(organizationId), ...numbers);
      await eventually(() => expect(handled()).toEqual(numbers));
      expect(calls.length).toBeLessThan(10);
      await sleep(1_500);
      expect(handled()).toEqual(numbers);
    });

    it('puts what an event caused on the trail of that event', async () => {
      const actors = [actorOf(organizationId), actorOf(organizationId, 2)];
      for (const actor of actors) {
        await app.context.get(UnitOfWork).run(actor, async (unit) => {
          const event = { type: HAPPENED, version: 1, payload: { number: actor.depth, again: true } };
          unit.record('thing', { id: newId(), version: 1 }, event);
        });
      }
      const echoes = await eventually(async () => {
        const found = (await told(HAPPENED)).filter(({ stream }) => String(stream).startsWith('echo:'));
        expect(found).toHaveLength(2);
        return found;
      });
      for (const actor of actors) {
        const cause = (await told(HAPPENED)).find((event) => event.correlation_id === actor.correlationId)!;
        const echo = echoes.find((event) => event.causation_id === cause.id)!;
        expect(echo).toMatchObject({
          correlation_id: actor.correlationId,
          depth: actor.depth + 1,
          subject_type: 'thing',
          subject_id: cause.subject_id,
          actor_type: 'system',
        });
      }
    });

    it('finds events when nobody was notified', async () => {
      await owner.query("select pg_advisory_lock(hashtextextended('wake-relay', 0))");
      try {
        await tell(app, actorOf(organizationId), 1);
        await eventually(() => expect(handled()).toEqual([1]), 3_000);
      } finally {
        await owner.query("select pg_advisory_unlock(hashtextextended('wake-relay', 0))");
      }
    });

    it('handles a failed batch one by one and gives up what cannot be right', async () => {
      failing = (numbers) => {
        if (numbers.includes(2)) throw invalid('no-twos', 'A two is not wanted.');
      };
      await tell(app, actorOf(organizationId), 1, 2, 3);
      const [givenUp] = await eventually(async () => {
        const events = await told('audit.reaction-given-up');
        expect(events).toHaveLength(1);
        return events;
      });
      await eventually(() => expect(calls.map(({ numbers }) => numbers)).toEqual([[1, 2, 3], [1], [2], [3]]));
      const poison = (await told(HAPPENED)).find(({ content }) => (content as { number: number }).number === 2)!;
      expect(givenUp).toMatchObject({ causation_id: poison.id, subject_id: poison.subject_id });
      expect(givenUp!.content).toMatchObject({ reaction: 'note-it', eventId: poison.id, attempts: 1, code: 'no-twos' });
      expect(await failures()).toEqual([]);
    });

    it('tries again later, and gives up after ten attempts', async () => {
      failing = () => {
        throw new Error('Not today.');
      };
      await tell(app, actorOf(organizationId), 1);
      await eventually(async () => expect((await failures())[0]).toMatchObject({ attempts: 2 }));
      await owner.query(
        'update reaction_failures set attempts = 8, next_attempt_at = clock_timestamp() where organization_id = $1',
        [organizationId],
      );
      await eventually(async () => expect((await failures())[0]).toMatchObject({ attempts: 9 }));
      const [pause] = (
        await owner.query<{ seconds: number }>(
          `select extract(epoch from next_attempt_at - clock_timestamp())::float8 as seconds from reaction_failures
           where organization_id = $1`,
          [organizationId],
        )
      ).rows;
      expect(pause!.seconds).toBeGreaterThan(250);
      expect(pause!.seconds).toBeLessThanOrEqual(256);
      await owner.query('update reaction_failures set next_attempt_at = clock_timestamp() where organization_id = $1', [
        organizationId,
      ]);
      const [givenUp] = await eventually(async () => {
        const events = await told('audit.reaction-given-up');
        expect(events).toHaveLength(1);
        return events;
      });
      expect(givenUp!.content).toMatchObject({ attempts: 10, message: 'Not today.' });
      expect(await failures()).toEqual([]);
    });

    it('succeeds when the trouble has passed', async () => {
      let isAway = true;
      failing = () => {
        if (isAway) throw new Error('Away.');
      };
      await tell(app, actorOf(organizationId), 1);
      await eventually(async () => expect(await failures()).toHaveLength(1));
      isAway = false;
      await eventually(async () => expect(await failures()).toEqual([]));
      expect(await told('audit.reaction-given-up')).toEqual([]);
    });

    it('leaves alone what has too many causes, and says so', async () => {
      await tell(app, actorOf(organizationId, 5), 1);
      await tell(app, actorOf(organizationId, 4), 2);
      await eventually(() => expect(handled()).toEqual([2]));
      const events = await eventually(async () => {
        const found = await told('audit.chain-too-deep');
        expect(found).toHaveLength(2);
        return found;
      });
      const reactions = events.map(({ content }) => (content as { reaction: string }).reaction);
      expect(reactions.toSorted()).toEqual(['note-it', 'tell-it-on']);
    });

    it('finds nothing under a forged organization', async () => {
      await tell(app, actorOf(organizationId), 1);
      await eventually(() => expect(handled()).toEqual([1]));
      const forget = "delete from processed_events where organization_id = $1 and consumer = 'note-it'";
      await eventually(async () => expect((await owner.query(forget, [organizationId])).rowCount).toBe(1));
      const [event] = await told(HAPPENED);
      const forged = newId();
      const add = (organization: string): Promise<void> =>
        app.context.get(Queues).addAll('reactions', [
          {
            name: 'react',
            data: { organizationId: organization, reaction: 'note-it', eventIds: [event!.id as string] },
          },
        ]);
      await add(forged);
      await eventually(() =>
        expect(app.lines).toContainEqual(expect.objectContaining({ event: 'job-completed', organizationId: forged })),
      );
      expect(handled()).toEqual([1]);
      await add(organizationId);
      await eventually(() => expect(handled()).toEqual([1, 1]));
    });

    it('shows its figures', async () => {
      const text = await app.context.get(Metrics).registry.metrics();
      expect(text).toMatch(/^queue_jobs\{queue="reactions",state="waiting"\} 0$/m);
      expect(text).toMatch(/^queue_oldest_due_seconds 0$/m);
      expect(text).toMatch(/^relay_lag_seconds \d/m);
    });
  });

  describe('under mishaps', () => {
    let api: BackendApp;
    const apps: BackendApp[] = [];
    const startWorker = async (...reactions: readonly Reaction[]): Promise<void> => {
      apps.push(await start({ role: 'worker', reactions }));
    };

    beforeEach(async () => {
      api = await start({ role: 'api' });
      apps.push(api);
    });
    afterEach(async () => {
      for (const app of apps.splice(0)) await app.context.close();
    });

    const relayOf = (reaction: Reaction): Relay => {
      const reactions = new Reactions();
      reactions.register(reaction);
      const { context } = api;
      const { epoch } = context.get(Installation);
      return new Relay({
        url: database.url,
        epoch,
        reactions,
        queues: context.get(Queues),
        errors: context.get(ErrorLog),
      });
    };

    it('never skips a transaction that commits late', async () => {
      const checkpoint = (await readCheckpoints(owner)).get(RELAY_CHECKPOINT)!;
      const read = async (): Promise<string[]> =>
        (await readPublished(owner, checkpoint, 1))
          .filter((event) => event.organizationId === organizationId)
          .map(({ id }) => id);
      const began = Promise.withResolvers<void>();
      const held = Promise.withResolvers<void>();
      const late = api.context.get(UnitOfWork).run(actorOf(organizationId), async (unit) => {
        await unit.em.execute('select pg_current_xact_id()');
        began.resolve();
        await held.promise;
        unit.record('thing', { id: newId(), version: 1 }, { type: HAPPENED, version: 1, payload: { number: 1 } });
      });
      await began.promise;
      await tell(api, actorOf(organizationId), 2);
      const seen = { stored: await told(HAPPENED), read: await read() };
      held.resolve();
      await late;
      expect(seen).toEqual({ stored: [expect.anything()], read: [] });
      await eventually(async () => expect(await read()).toHaveLength(2));
    });

    it('handles once what was added twice, because the relay died before it moved on', async () => {
      await tell(api, actorOf(organizationId), 1, 2);
      const checkpoint = (await readCheckpoints(owner)).get(RELAY_CHECKPOINT)!;
      const events = await eventually(async () => {
        const found = await readPublished(owner, checkpoint, 1);
        expect(found.filter((event) => event.organizationId === organizationId)).toHaveLength(2);
        return found;
      });
      const jobs = jobsFor(events, [noting('note-it')]).map(({ jobId: _same, ...job }) => job);
      await api.context.get(Queues).addAll('reactions', [...jobs, ...jobs]);
      await startWorker(noting('note-it'));
      await eventually(() => expect(handled()).toEqual([1, 2]));
      await sleep(1_000);
      expect(handled()).toEqual([1, 2]);
    });

    it('sweeps up events whose jobs are lost', async () => {
      const reaction = noting('note-it');
      await startWorker(reaction);
      await apps.pop()!.context.close();
      const relay = relayOf(reaction);
      relay.start();
      await tell(api, actorOf(organizationId), 1, 2, 3);
      await eventually(async () => {
        const checkpoint = (await readCheckpoints(owner)).get(RELAY_CHECKPOINT)!;
        expect(await told(HAPPENED)).toHaveLength(3);
        expect(await readPublished(owner, checkpoint, 1)).toEqual([]);
      });
      await relay.stop();
      const backend = await openQueueBackend(api.configuration, api.context.get(Pools));
      const queue = backend.openQueue('reactions', {});
      await queue.obliterate({ force: true });
      await queue.close();

      await startWorker(reaction);
      await eventually(() => expect(handled()).toEqual([1, 2, 3]), 15_000);
      const settled = async (): Promise<unknown> => (await readCheckpoints(owner)).get('settled:note-it');
      await eventually(async () =>
        expect(await settled()).toEqual((await readCheckpoints(owner)).get(RELAY_CHECKPOINT)),
      );
    });

    it('lets a reaction that is new begin now', async () => {
      const before = noting('note-it');
      await startWorker(before);
      await tell(api, actorOf(organizationId), 1);
      await eventually(() => expect(handledBy('note-it')).toEqual([1]));
      await apps.pop()!.context.close();
      await startWorker(before, noting('note-it-too'));
      await tell(api, actorOf(organizationId), 2);
      await eventually(() => expect(handledBy('note-it-too')).toEqual([2]));
      await sleep(7_000);
      expect(handledBy('note-it-too')).toEqual([2]);
    });

    it('has one relay lead, and another take over when its connection is cut', async () => {
      const reaction = noting('note-it');
      await startWorker(reaction);
      await startWorker(reaction);
      // Whoever does not lead asks for nothing but the lock.
      const leaders = async (): Promise<number[]> =>
        (
          await owner.query<{ pid: number }>(
            `select pid from pg_stat_activity where datname = current_database()
               and application_name = 'proviso-relay' and query !~ 'pg_try_advisory_lock'`,
          )
        ).rows.map(({ pid }) => pid);
      await sleep(500);
      expect(await leaders()).toHaveLength(1);
      const [first] = await leaders();
      await owner.query('select pg_terminate_backend($1)', [first]);
      await tell(api, actorOf(organizationId), 1);
      await eventually(() => expect(handled()).toEqual([1]));
      const [second] = await leaders();
      expect(second).not.toBe(first);
      expect(await leaders()).toHaveLength(1);
    });
  });
});
