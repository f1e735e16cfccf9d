import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '../../src/kernel/id.js';
import { type DemoPerson, startApplication, type TestApplication } from '../support/application.js';
import { receiveEvents, type ReceivedEvent, type StreamEnd } from '../support/event-client.js';
import { eventually } from '../support/eventually.js';
import { randomFrom } from '../support/openapi-malformed.js';

const CLIENTS = 50;
const WAITS = 12;

let proviso: TestApplication;
let database: pg.Client;
let address: string;

beforeAll(async () => {
  proviso = await startApplication();
  await proviso.app.listen(0, '127.0.0.1');
  address = await proviso.app.getUrl();
  database = new pg.Client({ connectionString: proviso.database.url });
  await database.connect();
});

afterAll(async () => {
  await database.end();
  await proviso.stop();
});

const dataOf = <T>(response: { body: unknown }): T => (response.body as { data: T }).data;

const wait = (index: number, duration: string, nextSteps: string[]) => ({
  id: `wait${index}`,
  name: `Wait ${index}`,
  type: 'delay',
  configuration: { duration },
  nextSteps,
});

/** Starts an execution that waits so often and so long, each time with a condition before it that needs no worker. */
async function start(waits: number, duration: string): Promise<string> {
  const steps = Array.from({ length: waits }, (_, index) => [
    {
      id: `ask${index}`,
      name: `Ask ${index}`,
      type: 'condition',
      configuration: { condition: true, when: `wait${index}`, otherwise: `wait${index}` },
    },
    wait(index, duration, index + 1 < waits ? [`ask${index + 1}`] : []),
  ]).flat();
  const definition = { name: `Followed ${newId()}`, trigger: { type: 'manual' }, steps };
  const { id } = dataOf<{ id: string }>(await proviso.call('post', '/workflows').send(definition).expect(201));
  const started = await proviso.call('post', `/workflows/${id}/execute`).send({}).expect(202);
  return dataOf<{ executionId: string }>(started).executionId;
}

interface Recorded {
  readonly place: string;
  readonly type: string;
}

/** The transitions of an execution as they were written down. */
async function recorded(executionId: string): Promise<Recorded[]> {
  const { rows } = await database.query<Recorded>(
    `select stream_version || '.' || ordinal as place, type from events where stream = $1
     order by stream_version, ordinal`,
    [`workflow-execution:${executionId}`],
  );
  return rows;
}

interface Following {
  readonly lastEventId?: string;
  readonly inQuery?: boolean;
  readonly email?: DemoPerson;
  readonly token?: string;
  readonly onEvent?: (event: ReceivedEvent, hangUp: () => void) => void;
}

function follow(executionId: string, following: Following = {}): Promise<StreamEnd> {
  const { lastEventId, inQuery, email = 'owner@demo.test', token = proviso.token(email), onEvent } = following;
  const query = lastEventId !== undefined && inQuery ? `?lastEventId=${lastEventId}` : '';
  return receiveEvents({
    url: `${address}/api/v1/workflows/executions/${executionId}/events${query}`,
    headers: {
      authorization: `Bearer ${token}`,
      ...(lastEventId !== undefined && !inQuery && { 'last-event-id': lastEventId }),
    },
    onEvent: onEvent ?? (() => undefined),
  });
}

/** A client that cuts its connection now and then, and goes on after its last event until the end is told. */
async function restlessClient(executionId: string, seed: number): Promise<{ seen: Recorded[]; connections: number }> {
  const random = randomFrom(seed);
  const seen: Recorded[] = [];
  let [hasEnded, connections] = [false, 0];
  while (!hasEnded) {
    let left = random() < 0.2 ? Infinity : Math.floor(random() * 6);
    connections += 1;
    const lastEventId = seen.at(-1)?.place;
    await follow(executionId, {
      ...(lastEventId !== undefined && { lastEventId }),
      inQuery: seed % 5 === 0,
      onEvent: ({ id, type }, hangUp) => {
        if (type === 'end') hasEnded = true;
        else if (id !== undefined) seen.push({ place: id, type: type! });
        if (left-- <= 0) hangUp();
      },
    });
  }
  return { seen, connections };
}

describe('the live events of an execution', () => {
  it(`tell ${CLIENTS} clients each transition once and in order, however often they come back`, async () => {
    const executionId = await start(WAITS, 'PT0.1S');
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, (_, seed) => restlessClient(executionId, seed + 1)),
    );
    const all = await recorded(executionId);
    expect(all.length).toBe(2 * WAITS + 2);
    for (const { seen } of clients) expect(seen).toEqual(all);
    const connections = clients.reduce((sum, client) => sum + client.connections, 0);
    expect(connections).toBeGreaterThan(3 * CLIENTS);
  }, 60_000);

  it('are those of the audit trail, and nothing comes after the end', async () => {
    const executionId = await start(1, 'PT0.05S');
    const events: ReceivedEvent[] = [];
    const answer = await follow(executionId, { onEvent: (event) => events.push(event) });
    expect(answer).toMatchObject({ status: 200, type: 'text/event-stream; charset=utf-8', text: '' });
    const told = events.filter(({ id }) => id !== undefined);
    for (const { id, data } of told) {
      const event = JSON.parse(data!) as { id: string; streamVersion: number; ordinal: number };
      expect(`${event.streamVersion}.${event.ordinal}`).toBe(id);
      const trail = await proviso.call('get', `/audit/events/${event.id}`).expect(200);
      expect(event).toMatchObject({ ...dataOf<object>(trail) });
    }
    expect(events.at(-1)).toMatchObject({ id: undefined, type: 'end', data: '{"status":"completed"}' });
    const again: ReceivedEvent[] = [];
    await follow(executionId, { lastEventId: told.at(-1)!.id!, onEvent: (event) => again.push(event) });
    expect(again.map(({ type }) => type)).toEqual([undefined, 'end']);
  });

  it('tell of a cancellation by somebody else, when the execution is about a subject', async () => {
    const executionId = await start(1, 'P1D');
    const about = 'update workflow_executions set subject_type = $2, subject_id = $3 where id = $1';
    await database.query(about, [executionId, 'lead', newId()]);
    const types: string[] = [];
    const ended = follow(executionId, { onEvent: ({ type }) => types.push(type!) });
    await eventually(() => expect(types).toContain('workflows.execution-started'));
    await proviso.call('post', `/workflows/executions/${executionId}/cancel`).expect(200);
    await ended;
    expect(types.slice(-4)).toEqual([
      'workflows.execution-cancel-requested',
      'workflows.step-cancelled',
      'workflows.execution-cancelled',
      'end',
    ]);
  });

  it.each(['x', '1', '-1.0', '9999999999.0', '1.99999', '1.0.0'])('refuse to go on after %s', async (lastEventId) => {
    const executionId = await start(1, 'P1D');
    for (const inQuery of [true, false]) {
      const { status, text } = await follow(executionId, { lastEventId, inQuery });
      expect([status, text]).toEqual([400, expect.stringContaining('bad-cursor')]);
    }
  });

  it('are absent for another organization, also beside one who may see them', async () => {
    const executionId = await start(1, 'P1D');
    const hangUps: (() => void)[] = [];
    const own = follow(executionId, { onEvent: (_event, hangUp) => hangUps.push(hangUp) });
    const answers = await Promise.all([1, 2, 3].map(() => follow(executionId, { email: 'owner@second.test' })));
    const absent = await follow(newId(), { email: 'owner@second.test' });
    for (const { status } of [...answers, absent]) expect(status).toBe(404);
    await eventually(() => expect(hangUps.length).toBeGreaterThan(0));
    hangUps[0]!();
    await own;
  });

  it('are bounded by caller, and a connection that was cut counts no longer', async () => {
    const executionId = await start(1, 'P1D');
    const hangUps = new Set<() => void>();
    const email = 'member@demo.test';
    const onEvent: Following['onEvent'] = ({ type }, hangUp) => type === undefined && hangUps.add(hangUp);
    const open = (): Promise<StreamEnd> => follow(executionId, { email, onEvent });
    const streams = Array.from({ length: 100 }, open);
    await eventually(() => expect(hangUps.size).toBe(100));
    const { status, text } = await open();
    expect([status, text]).toEqual([429, expect.stringContaining('too-many-streams')]);
    for (const hangUp of hangUps) hangUp();
    await Promise.all(streams);
    await eventually(async () => {
      const { body } = await proviso.app.inject({ method: 'GET', url: '/metrics' });
      expect(body).toMatch(/^workflow_event_streams 0$/m);
    });
    const events: string[] = [];
    await follow(executionId, { email, onEvent: ({ type }, hangUp) => (events.push(type!), hangUp()) });
    expect(events.length).toBe(1);
  });

  it('answer HEAD without a stream, and count in no latency', async () => {
    const executionId = await start(1, 'P1D');
    const head = await proviso.app.inject({
      method: 'HEAD',
      url: `/api/v1/workflows/executions/${executionId}/events`,
      headers: { authorization: `Bearer ${proviso.token('owner@demo.test')}` },
    });
    expect([head.statusCode, head.body]).toEqual([200, '']);
    const { body } = await proviso.app.inject({ method: 'GET', url: '/metrics' });
    expect(body).toMatch(/http_requests_total\{.*executions\/:id\/events.*status="200"/);
    expect(body).not.toMatch(/http_request_duration_seconds_count\{.*executions\/:id\/events/);
  });

  it('end at once with the process', async () => {
    const other = await startApplication();
    await other.app.listen(0, '127.0.0.1');
    const workflow = { name: 'Waiting', trigger: { type: 'manual' }, steps: [wait(0, 'P1D', [])] };
    const { id } = dataOf<{ id: string }>(await other.call('post', '/workflows').send(workflow).expect(201));
    const started = await other.call('post', `/workflows/${id}/execute`).send({}).expect(202);
    const { executionId } = dataOf<{ executionId: string }>(started);
    let seen = 0;
    const ended = receiveEvents({
      url: `${await other.app.getUrl()}/api/v1/workflows/executions/${executionId}/events`,
      headers: { authorization: `Bearer ${other.token('owner@demo.test')}` },
      onEvent: () => (seen += 1),
    });
    await eventually(() => expect(seen).toBeGreaterThan(0));
    const stoppedAt = Date.now();
    await Promise.all([other.stop(), ended]);
    expect(Date.now() - stoppedAt).toBeLessThan(5_000);
  });
});
