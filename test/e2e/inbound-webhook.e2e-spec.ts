import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LightMyRequestResponse } from 'fastify';
import { Client } from 'pg';
import { Webhook } from 'standardwebhooks';
import { newId } from '../../src/kernel/id.js';
import { startApplication, type TestApplication } from '../support/application.js';

interface Access {
  readonly path: string;
  readonly secret: string;
}

interface Problem {
  readonly code: string;
  readonly executionId?: string;
}

let proviso: TestApplication;
let database: Client;

beforeAll(async () => {
  proviso = await startApplication();
  database = new Client({ connectionString: proviso.database.url });
  await database.connect();
});

afterAll(async () => {
  await database.end();
  await proviso.stop();
});

const definition = (trigger: object = { type: 'webhook' }) => ({
  name: `Ordered ${newId()}`,
  trigger,
  steps: [
    { id: 'wait', name: 'Wait', type: 'delay', configuration: { duration: '{{webhook.body.days}}' }, nextSteps: [] },
  ],
});
const makeWorkflow = async (body: object = definition()): Promise<string> => {
  const response = await proviso.call('post', '/workflows').send(body);
  expect(response.body).toMatchObject({ success: true });
  return (response.body as { data: { id: string } }).data.id;
};
const setUp = async (id: string): Promise<Access> => {
  const response = await proviso.call('post', `/workflows/${id}/webhook`);
  expect(response.status).toBe(201);
  return (response.body as { data: Access }).data;
};

interface Message {
  readonly id?: string;
  readonly at?: Date;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** Sends a message as a service of somebody else does that uses the public library. */
const send = (
  { path, secret }: Access,
  { id = newId(), at = new Date(), body = '{"days":2}', headers }: Message = {},
): Promise<LightMyRequestResponse> =>
  proviso.app.inject({
    method: 'POST',
    url: path,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
      ...headers,
    },
    payload: body,
  });

const startedBy = (response: LightMyRequestResponse): string =>
  response.json<{ data: { executionId: string } }>().data.executionId;
const told = (response: LightMyRequestResponse): string => `${response.statusCode} ${response.json<Problem>().code}`;

describe('a signed request', () => {
  it('starts the workflow with what it brings, and the trail says by what', async () => {
    const id = await makeWorkflow();
    const access = await setUp(id);
    const body = '{ "days": 2, "note": "Grüße",\n "amount": 1.0 }';
    const response = await send(access, { id: 'msg_1', body, headers: { 'x-correlation-id': 'order-service-42' } });
    expect([response.statusCode, response.json()]).toEqual([
      202,
      { success: true, data: { executionId: expect.any(String) } },
    ]);
    const execution = await proviso.call('get', `/workflows/executions/${startedBy(response)}`);
    expect((execution.body as { data: object }).data).toMatchObject({
      workflowId: id,
      status: 'waiting',
      variables: {
        webhook: { id: 'msg_1', receivedAt: expect.any(String), body: { days: 2, note: 'Grüße', amount: 1 } },
      },
    });
    const { rows } = await database.query<{ type: string; cause: string | null }>(
      `select events.type, causes.type as cause from events left join events causes on causes.id = events.causation_id
       where events.correlation_id = 'order-service-42' order by events.depth`,
    );
    expect(rows).toEqual([
      { type: 'workflows.inbound-webhook-received', cause: null },
      { type: 'workflows.execution-started', cause: 'workflows.inbound-webhook-received' },
    ]);
  });

  it('is taken once, also when it comes many times at once or signed anew', async () => {
    const id = await makeWorkflow();
    const access = await setUp(id);
    const answers = await Promise.all([1, 2, 3, 4].map(() => send(access, { id: 'msg_twin' })));
    const taken = answers.find(({ statusCode }) => statusCode === 202)!;
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([202, 409, 409, 409]);
    const again = await send(access, { id: 'msg_twin', at: new Date(Date.now() - 60_000), body: '{"days":3}' });
    expect([told(again), again.json<Problem>().executionId]).toEqual(['409 webhook-replayed', startedBy(taken)]);
    const rotated = await setUp(id);
    expect(told(await send(rotated, { id: 'msg_twin' }))).toBe('409 webhook-replayed');
    const { rows } = await database.query('select from workflow_executions where workflow_id = $1', [id]);
    expect(rows).toHaveLength(1);
  });

  it('may carry signatures of several secrets', async () => {
    const access = await setUp(await makeWorkflow());
    const [id, at, body] = ['msg_both', new Date(), '{}'];
    const other = new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`).sign(id, at, body);
    const signature = `v1a,xyz ${other} ${new Webhook(access.secret).sign(id, at, body)}`;
    const response = await send(access, { id, at, body, headers: { 'webhook-signature': signature } });
    expect(response.statusCode).toBe(202);
  });
});

describe('a request that is refused', () => {
  let access: Access;
  beforeAll(async () => {
    access = await setUp(await makeWorkflow());
  });

  it.each<[string, Message]>([
    [
      'a signature with another secret',
      { headers: { 'webhook-signature': new Webhook('AAAA').sign('x', new Date(), '{}') } },
    ],
    ['no signature', { headers: { 'webhook-signature': '' } }],
    ['half a signature', { headers: { 'webhook-signature': 'v1,AAAA' } }],
    ['another scheme', { headers: { 'webhook-signature': 'v2,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=' } }],
    ['another id', { headers: { 'webhook-id': 'msg_other' } }],
    ['another time', { headers: { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 7) } }],
  ])('has %s', async (_, message) => {
    expect(told(await send(access, message))).toBe('401 webhook-not-signed');
  });

  it('is too old, too new, or has no time', async () => {
    for (const seconds of [-301, 301 + 1]) {
      const at = new Date(Date.now() + seconds * 1000);
      expect(told(await send(access, { at }))).toBe('401 webhook-out-of-time');
    }
    expect(told(await send(access, { headers: { 'webhook-timestamp': 'soon' } }))).toBe('401 webhook-out-of-time');
    expect((await send(access, { at: new Date(Date.now() - 295_000) })).statusCode).toBe(202);
  });

  it('has a body of other bytes than those that were signed', async () => {
    const at = new Date();
    const signature = new Webhook(access.secret).sign('msg_spaced', at, '{"days":2}');
    const message = { id: 'msg_spaced', at, body: '{"days": 2}', headers: { 'webhook-signature': signature } };
    expect(told(await send(access, message))).toBe('401 webhook-not-signed');
  });

  it('goes to a token that is wrong, or is no more', async () => {
    const flipped = `${access.path.slice(0, -1)}${access.path.endsWith('A') ? 'B' : 'A'}`;
    const id = await makeWorkflow();
    const before = await setUp(id);
    const after = await setUp(id);
    for (const path of [flipped, before.path, '/api/v1/workflows/hooks/none']) {
      expect(told(await send({ ...access, path }))).toBe('404 not-found');
    }
    expect(told(await send({ ...after, secret: before.secret }))).toBe('401 webhook-not-signed');
    expect((await send(after)).statusCode).toBe(202);
    await proviso.call('delete', `/workflows/${id}/webhook`).expect(200);
    expect(told(await send(after))).toBe('404 not-found');
  });

  it('is larger than 256 KiB, or no JSON object', async () => {
    const large = await send(access, { body: JSON.stringify({ text: 'x'.repeat(256 * 1024) }) });
    expect(large.statusCode).toBe(413);
    expect((await send(access, { body: '[1]' })).statusCode).toBe(400);
    expect((await send(access, { headers: { 'content-type': 'text/plain' } })).statusCode).toBe(415);
  });

  it('goes to a workflow that is disabled, has another trigger, or is archived', async () => {
    const body = definition();
    const id = await makeWorkflow(body);
    const hook = await setUp(id);
    await proviso.call('put', `/workflows/${id}`).send({ ...body, enabled: false });
    expect(told(await send(hook, { id: 'msg_later' }))).toBe('409 workflow-disabled');
    await proviso.call('put', `/workflows/${id}`).send(body);
    expect((await send(hook, { id: 'msg_later' })).statusCode).toBe(202);
    const steps = [{ ...body.steps[0], configuration: { duration: 1 } }];
    await proviso
      .call('put', `/workflows/${id}`)
      .send({ ...body, steps, trigger: { type: 'manual' } })
      .expect(200);
    expect(told(await send(hook))).toBe('404 not-found');
    await proviso.call('put', `/workflows/${id}`).send(body).expect(200);
    await proviso.call('delete', `/workflows/${id}`).expect(200);
    expect(told(await send(hook))).toBe('404 not-found');
  });
});

describe('the webhook of a workflow', () => {
  it('is shown without its secrets, which are stored nowhere', async () => {
    const id = await makeWorkflow();
    await proviso.call('get', `/workflows/${id}/webhook`).expect(404);
    const { path, secret } = await setUp(id);
    const shown = await proviso.call('get', `/workflows/${id}/webhook`).expect(200);
    expect((shown.body as { data: object }).data).toEqual({
      tokenPrefix: expect.stringMatching(/^prh_[0-9a-f]{32}$/),
      createdAt: expect.any(String),
      createdBy: expect.any(String),
      rotatedAt: null,
    });
    const { rows } = await database.query<{ row: string }>(
      'select workflow_webhooks::text as row from workflow_webhooks',
    );
    const { rows: events } = await database.query<{ row: string }>(
      `select convert_from(payload, 'UTF8') as row from events where type like 'workflows.inbound-webhook-%'`,
    );
    const stored = [...rows, ...events].map(({ row }) => row).join('\n');
    // What is random of a token may hold its separator as well.
    const [, token] = /prh_[0-9a-f]{32}_(.+)$/.exec(path)!;
    for (const kept of [token, secret.slice(6)]) expect(stored).not.toContain(kept);
  });

  it('is made by who may write workflows, for those that wait for one', async () => {
    const id = await makeWorkflow();
    await proviso.call('post', `/workflows/${id}/webhook`, 'member@demo.test').expect(403);
    await proviso.call('delete', `/workflows/${id}/webhook`, 'member@demo.test').expect(403);
    await proviso.call('post', `/workflows/${id}/webhook`, 'owner@second.test').expect(404);
    const steps = [{ id: 'wait', name: 'Wait', type: 'delay', configuration: { duration: 1 } }];
    const manual = await makeWorkflow({ ...definition({ type: 'manual' }), steps });
    const refused = await proviso.call('post', `/workflows/${manual}/webhook`);
    expect([refused.status, (refused.body as Problem).code]).toEqual([409, 'no-webhook-trigger']);
  });
});

describe('a preview of a schedule', () => {
  const preview = (body: object) => proviso.call('post', '/workflows/schedule-preview').send(body);

  it('tells the next firings in the time of the zone', async () => {
    const response = await preview({ cron: '0 12 * * *', timeZone: 'America/New_York', count: 3 });
    const { firings } = (response.body as { data: { firings: { at: string; localTime: string }[] } }).data;
    expect([response.status, firings.length]).toEqual([200, 3]);
    for (const { at, localTime } of firings) {
      expect(localTime).toMatch(/T12:00:00-0[45]:00$/);
      expect(new Date(localTime)).toEqual(new Date(at));
    }
  });

  it('refuses what is no expression or no zone, with the place', async () => {
    const response = await preview({ cron: '61 * * * *', timeZone: 'Mars/Olympus' });
    const pointers = (response.body as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer);
    expect([response.status, pointers]).toEqual([422, ['#/cron', '#/timeZone']]);
  });
});
