import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Reactions, type StoredEvent, UnitOfWork } from '../../src/audit/audit.contract.js';
import { newId, PLATFORM_ORGANIZATION } from '../../src/kernel/id.js';
import type { JsonObject, JsonValue } from '../../src/kernel/json.js';
import { ArchiveWorkflow } from '../../src/workflows/definitions/commands/archive-workflow.js';
import { CreateWorkflow } from '../../src/workflows/definitions/commands/create-workflow.js';
import { ReviseWorkflow } from '../../src/workflows/definitions/commands/revise-workflow.js';
import { GetSchedule, type ScheduleDetails } from '../../src/workflows/triggers/queries/get-schedule.js';
import { TriggerSweeper } from '../../src/workflows/triggers/trigger-sweeper.js';
import { eventually } from '../support/eventually.js';
import { startFixture, type WorkflowsFixture } from './workflows-application.js';

/** Time stands well away from full hours at the beginning, so that none passes by itself. */
const START = '2027-01-11T08:20:00Z';

let fixture: WorkflowsFixture;
let first: NestFastifyApplication;
let second: NestFastifyApplication;
let organizationId: string;

beforeAll(async () => {
  fixture = await startFixture();
  // Neither looks by itself; each is told when to.
  first = await fixture.start({ PROCESS_ROLE: 'api' });
  second = await fixture.start({ PROCESS_ROLE: 'api' });
  ({ organizationId } = await fixture.seed(first, 'first'));
});

afterAll(() => fixture.stop());

const setTime = (instant: string): Promise<unknown> =>
  fixture.owner.query('update clock set shift = $1::timestamptz - clock_timestamp()', [instant]);
const sweep = (app = first): Promise<void> => app.get(TriggerSweeper).sweep();

const definitionOf = (trigger: JsonObject, members: JsonObject = {}): JsonObject => ({
  name: `Nightly ${newId()}`,
  trigger: { type: 'schedule', ...trigger },
  steps: [{ id: 'wait', name: 'Wait', type: 'delay', configuration: { duration: 1 } }],
  ...members,
});
const save = async (trigger: JsonObject, members?: JsonObject): Promise<string> => {
  const input = { enabled: true, definition: definitionOf(trigger, members) };
  const { id } = await first.get(CommandBus).execute(new CreateWorkflow(fixture.actor(organizationId), input));
  return id;
};
const revise = (id: string, trigger: JsonObject, enabled = true) =>
  first
    .get(CommandBus)
    .execute(
      new ReviseWorkflow(fixture.actor(organizationId), id, { enabled, definition: definitionOf(trigger) }, undefined),
    );
const scheduleOf = (id: string): Promise<ScheduleDetails> =>
  first.get(QueryBus).execute(new GetSchedule(fixture.actor(organizationId), id));
const nextOf = async (id: string): Promise<string | undefined> =>
  (await scheduleOf(id)).next[0]?.at.toISOString().slice(0, 16);

interface Started {
  readonly scheduledAt: string;
  readonly firedAt: string;
}

/** When the executions of a workflow were to begin, in the order of their start. */
const startsOf = async (id: string): Promise<string[]> => {
  const { rows } = await fixture.owner.query<{ schedule: Started }>(
    `select variables -> 'schedule' as schedule from workflow_executions where workflow_id = $1 order by id`,
    [id],
  );
  return rows.map(({ schedule }) => schedule.scheduledAt.slice(0, 16));
};

const eventsOf = async (id: string): Promise<{ type: string; payload: JsonObject }[]> => {
  const { rows } = await fixture.owner.query<{ type: string; payload: string }>(
    `select type, convert_from(payload, 'UTF8') as payload from events where stream = $1 order by stream_version, ordinal`,
    [`workflow-schedule:${id}`],
  );
  return rows.map(({ type, payload }) => ({ type, payload: JSON.parse(payload) as JsonObject }));
};

describe('a schedule', () => {
  it('starts the workflow when it is due, once, and tells why', async () => {
    await setTime(START);
    const id = await save(
      { cron: '0 9 * * *', timeZone: 'Europe/Berlin', variables: { list: 'all' } },
      { variables: [{ name: 'list', type: 'string', required: true }] },
    );
    await sweep();
    expect([await startsOf(id), await nextOf(id)]).toEqual([[], '2027-01-12T08:00']);

    await setTime('2027-01-12T08:00:02Z');
    await sweep();
    await sweep();
    expect(await startsOf(id)).toEqual(['2027-01-12T08:00']);
    const { next, lastFiredAt } = await scheduleOf(id);
    expect(next).toHaveLength(10);
    expect(next[0]).toEqual({ at: new Date('2027-01-13T08:00:00Z'), localTime: '2027-01-13T09:00:00+01:00' });
    expect(lastFiredAt).toEqual(new Date('2027-01-12T08:00:00Z'));

    const { rows } = await fixture.owner.query<{ variables: JsonObject; correlation_id: string; start_key: string }>(
      'select variables, correlation_id, start_key from workflow_executions where workflow_id = $1',
      [id],
    );
    expect(rows[0]).toMatchObject({
      variables: { list: 'all', schedule: { scheduledAt: '2027-01-12T08:00:00.000Z', firedAt: expect.any(String) } },
      start_key: `schedule.${id}.2027-01-12T08:00:00.000Z`,
    });
    const { rows: trail } = await fixture.owner.query<{ type: string; cause: string | null }>(
      `select events.type, causes.type as cause from events left join events causes on causes.id = events.causation_id
       where events.correlation_id = $1 order by events.depth`,
      [rows[0]!.correlation_id],
    );
    expect(trail).toEqual([
      { type: 'workflows.schedule-fired', cause: null },
      { type: 'workflows.execution-started', cause: 'workflows.schedule-fired' },
    ]);
  });

  it('fires once though two schedulers and many looks find it at once', async () => {
    await setTime(START);
    const ids = await Promise.all(Array.from({ length: 8 }, () => save({ cron: '0 * * * *' })));
    await setTime('2027-01-11T09:00:01Z');
    await Promise.all([sweep(first), sweep(second), sweep(first), sweep(second)]);
    await sweep(second);
    for (const id of ids) {
      expect(await startsOf(id)).toEqual(['2027-01-11T09:00']);
      expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['workflows.schedule-fired']);
    }
  });

  it('fires once for each local time when clocks change', async () => {
    await setTime('2027-03-27T12:00:00Z');
    const id = await save({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' });
    for (const time of ['03-28T00:30', '03-28T01:00', '03-28T01:30', '03-29T00:30', '03-29T01:30']) {
      await setTime(`2027-${time}:01Z`);
      await sweep();
    }
    expect(await startsOf(id)).toEqual(['2027-03-28T01:00', '2027-03-29T00:30']);
  });
});

describe('firings that nobody was there for', () => {
  const away = async (missed: string): Promise<{ id: string; starts: string[] }> => {
    await setTime(START);
    const id = await save({ cron: '0 * * * *', missed });
    await setTime('2027-01-11T12:30:00Z');
    await sweep();
    return { id, starts: await startsOf(id) };
  };
  const span = { first: '2027-01-11T09:00:00.000Z', last: '2027-01-11T12:00:00.000Z' };

  it('are skipped', async () => {
    const { id, starts } = await away('skip');
    expect(starts).toEqual([]);
    expect(await eventsOf(id)).toEqual([
      { type: 'workflows.schedule-missed', payload: expect.objectContaining({ policy: 'skip', ...span }) },
    ]);
    expect(await nextOf(id)).toBe('2027-01-11T13:00');
  });

  it('are made up for by one', async () => {
    const { id, starts } = await away('once');
    expect(starts).toEqual(['2027-01-11T12:00']);
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual([
      'workflows.schedule-missed',
      'workflows.schedule-fired',
    ]);
  });

  it('are all made up for, in order, a hundred at a look', async () => {
    const { starts } = await away('all');
    expect(starts).toEqual(['09', '10', '11', '12'].map((hour) => `2027-01-11T${hour}:00`));

    await setTime(START);
    const id = await save({ cron: '*/10 * * * *', missed: 'all' });
    await setTime('2027-01-12T08:25:00Z');
    await Promise.all([sweep(first), sweep(second)]);
    const caughtUp = await startsOf(id);
    expect([caughtUp.length, caughtUp.at(-1)]).toEqual([100, '2027-01-12T01:00']);
    await sweep(second);
    expect(await startsOf(id)).toHaveLength(144);
    expect(new Set(await startsOf(id)).size).toBe(144);
  });
});

describe('the schedule of a workflow', () => {
  it('follows its newest version', async () => {
    await setTime(START);
    const id = await save({ cron: '0 * * * *' });
    await revise(id, { cron: '30 * * * *' });
    expect(await nextOf(id)).toBe('2027-01-11T08:30');
    await revise(id, { type: 'manual' });
    await expect(scheduleOf(id)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('keeps what is due when it is saved without a change', async () => {
    await setTime(START);
    const id = await save({ cron: '0 * * * *' });
    await setTime('2027-01-11T09:00:05Z');
    await revise(id, { cron: '0 * * * *' });
    await sweep();
    expect(await startsOf(id)).toEqual(['2027-01-11T09:00']);
  });

  it('rests while it is disabled, and makes nothing up for that time', async () => {
    await setTime(START);
    const id = await save({ cron: '0 * * * *', missed: 'all' });
    await revise(id, { cron: '0 * * * *', missed: 'all' }, false);
    await setTime('2027-01-11T11:30:00Z');
    await sweep();
    expect([await startsOf(id), await nextOf(id)]).toEqual([[], undefined]);
    await revise(id, { cron: '0 * * * *', missed: 'all' });
    await sweep();
    expect([await startsOf(id), await nextOf(id)]).toEqual([[], '2027-01-11T12:00']);
  });

  it('ends with it', async () => {
    await setTime(START);
    const id = await save({ cron: '0 * * * *' });
    await first.get(CommandBus).execute(new ArchiveWorkflow(fixture.actor(organizationId), id, undefined));
    await expect(scheduleOf(id)).rejects.toMatchObject({ code: 'not-found' });
    await setTime('2027-01-11T09:00:05Z');
    await sweep();
    expect(await startsOf(id)).toEqual([]);
  });
});

describe('an event', () => {
  const EVENT_TYPE = 'workflows.execution-completed';
  const onEvent = (filter: JsonValue) => ({ type: 'event', eventType: EVENT_TYPE, filter });
  const happened = (): StoredEvent => ({
    id: newId(),
    type: EVENT_TYPE,
    version: 1,
    organizationId,
    occurredAt: new Date(),
    subject: { type: 'lead', id: newId() },
    stream: `lead:${newId()}`,
    streamVersion: 1,
    actor: { type: 'system', id: PLATFORM_ORGANIZATION },
    correlationId: newId(),
    causationId: undefined,
    depth: 0,
    payload: { name: 'Ida' },
  });
  const tell = (event: StoredEvent): Promise<void> =>
    first
      .get(UnitOfWork)
      .run(fixture.actor(organizationId), (unit) =>
        first.get(Reactions).get('start-workflows-when-event-happened').handle(unit, [event]),
      );
  const executionsOf = async (id: string): Promise<number> =>
    (await fixture.owner.query('select from workflow_executions where workflow_id = $1', [id])).rowCount!;

  it('starts a workflow once, however often it is told', async () => {
    const id = await save(onEvent({ '==': [{ var: 'payload.name' }, 'Ida'] }));
    const event = happened();
    await tell(event);
    await tell(event);
    expect(await executionsOf(id)).toBe(1);
    await tell(happened());
    expect(await executionsOf(id)).toBe(2);
  });

  it('starts neither what is disabled or archived nor what its filter leaves out, and others all the same', async () => {
    const always = onEvent(true);
    const [disabled, archived, other, live] = await Promise.all([
      save(always),
      save(always),
      save(onEvent({ '==': [{ var: 'payload.name' }, 'Ada'] })),
      save(always),
    ]);
    await revise(disabled, always, false);
    await first.get(CommandBus).execute(new ArchiveWorkflow(fixture.actor(organizationId), archived, undefined));
    await tell(happened());
    expect(await Promise.all([disabled, archived, other, live].map(executionsOf))).toEqual([0, 0, 0, 1]);
  });

  it('is told in the trail when a filter fails over it, and starts the others', async () => {
    const broken = await save(onEvent({ '+': [{ var: 'payload.name' }, 1] }));
    const live = await save(onEvent(true));
    const event = happened();
    await tell(event);
    expect(await Promise.all([broken, live].map(executionsOf))).toEqual([0, 1]);
    const { rows } = await fixture.owner.query<{ payload: string }>(
      `select convert_from(payload, 'UTF8') as payload from events
       where type = 'workflows.workflow-not-started' and causation_id = $1`,
      [event.id],
    );
    expect(rows.map(({ payload }) => JSON.parse(payload) as JsonObject)).toEqual([
      expect.objectContaining({ workflowId: broken, code: 'filter-failed', message: expect.any(String) }),
    ]);
  });
});

describe('a process that works', () => {
  it('looks by itself', async () => {
    await setTime(START);
    const id = await save({ cron: '0 * * * *' });
    await fixture.start({ PROCESS_ROLE: 'worker' });
    await setTime('2027-01-11T09:00:00Z');
    await eventually(async () => expect(await startsOf(id)).toEqual(['2027-01-11T09:00']));
  });
});
