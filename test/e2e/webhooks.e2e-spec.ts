import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { Response } from 'supertest';
import { type DemoPerson, startApplication, type TestApplication } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { startWebhookSink, type WebhookSink } from '../support/webhook-sink.js';

let proviso: TestApplication;
let sink: WebhookSink;

beforeAll(async () => {
  sink = await startWebhookSink();
  proviso = await startApplication({ OUTBOUND_ALLOW: `127.0.0.1:${sink.port}` });
});

afterAll(async () => {
  await proviso.stop();
  await sink.stop();
});

afterEach(() => {
  sink.behave();
  sink.received.splice(0);
});

interface Endpoint {
  readonly id: string;
  readonly version: number;
  readonly secret: string;
}

let count = 0;
const body = (members: object = {}) => ({ name: `hook-${count++}`, url: `${sink.url}/hook`, ...members });
const create = (members: object = {}, email?: DemoPerson) =>
  proviso.call('post', '/webhook-endpoints', email).send(body(members));
const dataOf = <T>(response: Response): T => (response.body as { data: T }).data;
const created = async (members: object = {}): Promise<Endpoint> => dataOf(await create(members).expect(201));

interface Delivery {
  readonly id: string;
  readonly status: string;
  readonly attempts: readonly { readonly status: string; readonly requestedBy: string | null }[];
}

const deliveryThat = (id: string, status: string): Promise<Delivery> =>
  eventually(async () => {
    const delivery = dataOf<Delivery>(await proviso.call('get', `/webhook-deliveries/${id}`).expect(200));
    expect(delivery.attempts.at(-1)).toMatchObject({ status });
    return delivery;
  });

describe('a webhook endpoint', () => {
  it('is made with a secret that is shown once', async () => {
    const response = await create({ name: 'shown-once', description: 'Invoices' }).expect(201);
    const { secret, ...endpoint } = dataOf<Endpoint>(response);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(endpoint).toMatchObject({ name: 'shown-once', description: 'Invoices', enabled: true, version: 1 });
    const read = await proviso.call('get', `/webhook-endpoints/${endpoint.id}`).expect(200);
    expect(dataOf(read)).toEqual(endpoint);
    expect(read.headers['etag']).toBe('"1"');
    const listed = await proviso.call('get', '/webhook-endpoints').expect(200);
    expect(listed.text).not.toContain('whsec_');
  });

  it('takes a secret of the receiver, and no broken one', async () => {
    const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
    expect(await created({ secret })).toMatchObject({ secret });
    const refused = await create({ secret: 'whsec_short' }).expect(422);
    expect(refused.body).toMatchObject({ code: 'invalid-secret', errors: [{ pointer: '#/secret' }] });
  });

  it.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]/',
    'http://2130706433/',
    'http://10.0.0.1/',
    'https://user:secret@hooks.example.com/',
    'https://hooks.example.com:25/',
  ])('cannot lead to %s', async (url) => {
    const { id } = await created();
    const changed = await proviso.call('put', `/webhook-endpoints/${id}`).send(body({ url }));
    for (const response of [await create({ url }), changed]) {
      expect([400, 422]).toContain(response.status);
      expect(response.body).toMatchObject({ errors: [{ pointer: '#/url' }] });
    }
  });

  it('is changed under If-Match, and has a name of its own', async () => {
    const { id, version } = await created();
    const other = body();
    await proviso.call('post', '/webhook-endpoints').send(other).expect(201);
    const change = (members: object) => proviso.call('put', `/webhook-endpoints/${id}`).send(members);
    const changed = await change(body({ enabled: false }))
      .set('If-Match', `"${version}"`)
      .expect(200);
    expect(dataOf(changed)).toMatchObject({ enabled: false, version: 2 });
    await change(body()).set('If-Match', `"${version}"`).expect(412);
    expect((await change(other).expect(409)).body).toMatchObject({ code: 'endpoint-name-taken' });
  });

  it('is removed, its name is free again, and its deliveries stay', async () => {
    const endpoint = body();
    const { id } = dataOf<Endpoint>(await proviso.call('post', '/webhook-endpoints').send(endpoint).expect(201));
    const tested = await proviso.call('post', `/webhook-endpoints/${id}/test`).expect(202);
    const { deliveryId } = dataOf<{ deliveryId: string }>(tested);
    await deliveryThat(deliveryId, 'delivered');
    await proviso.call('delete', `/webhook-endpoints/${id}`).expect(200);
    await proviso.call('get', `/webhook-endpoints/${id}`).expect(404);
    await proviso.call('delete', `/webhook-endpoints/${id}`).expect(404);
    await proviso.call('post', `/webhook-endpoints/${id}/test`).expect(404);
    await proviso.call('post', '/webhook-endpoints').send(endpoint).expect(201);
    const refused = await proviso.call('post', `/webhook-deliveries/${deliveryId}/redeliver`).expect(409);
    expect(refused.body).toMatchObject({ code: 'webhook-endpoint-removed' });
  });

  it('is seen by who may see workflows, changed by who may change them', async () => {
    const { id } = await created();
    await proviso.call('get', `/webhook-endpoints/${id}`, 'auditor@demo.test').expect(200);
    await create({}, 'manager@demo.test').expect(201);
    await create({}, 'member@demo.test').expect(403);
    await proviso.call('post', `/webhook-endpoints/${id}/rotate-secret`, 'member@demo.test').send({}).expect(403);
    await proviso.call('get', `/webhook-endpoints/${id}`, 'owner@second.test').expect(404);
  });
});

describe('a test and its redelivery', () => {
  it('arrive signed, under one id, and are told in the trail with the person', async () => {
    const { id, secret } = await created({ enabled: false });
    const tested = await proviso.call('post', `/webhook-endpoints/${id}/test`).expect(202);
    const { deliveryId } = dataOf<{ deliveryId: string }>(tested);
    const first = await deliveryThat(deliveryId, 'delivered');
    expect(first).toMatchObject({ executionId: null, type: 'webhook.test', webhookId: `test_${deliveryId}` });
    const again = await proviso.call('post', `/webhook-deliveries/${deliveryId}/redeliver`).expect(202);
    expect(dataOf(again)).toEqual({ deliveryId, attempt: 2 });
    const { attempts } = await eventually(async () => {
      const delivery = await deliveryThat(deliveryId, 'delivered');
      expect(delivery.attempts).toHaveLength(2);
      return delivery;
    });
    const me = dataOf<{ id: string }>(await proviso.call('get', '/auth/me').expect(200)).id;
    expect(attempts.map(({ requestedBy }) => requestedBy)).toEqual([me, me]);
    const arrived = sink.of(`test_${deliveryId}`);
    expect(arrived).toHaveLength(2);
    for (const { body: text, headers } of arrived) {
      expect(new Webhook(secret).verify(text, headers as Record<string, string>)).toMatchObject({
        type: 'webhook.test',
      });
    }
    const trail = await proviso.call('get', `/audit/timeline/webhook-delivery/${deliveryId}`).expect(200);
    const told = dataOf<{ type: string; actor: { id: string } }[]>(trail);
    expect(told.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['workflows.webhook-tested', 'workflows.webhook-redelivered']),
    );
  });

  it('of a receiver that does not answer in time is shown as unknown', async () => {
    const { id } = await created();
    sink.behave((response) => response.destroy());
    const tested = await proviso.call('post', `/webhook-endpoints/${id}/test`).expect(202);
    const delivery = await deliveryThat(dataOf<{ deliveryId: string }>(tested).deliveryId, 'unknown');
    expect(delivery).toMatchObject({ status: 'unknown', attempts: [{ error: expect.stringContaining('No answer') }] });
  });
});

describe('a workflow that calls a webhook', () => {
  it('is done by the workers, and its delivery is found by endpoint, status and execution', async () => {
    const endpoint = await created({ name: 'from-workflow' });
    const workflow = {
      name: 'Tells',
      trigger: { type: 'manual' },
      steps: [
        {
          id: 'tell',
          name: 'Tell',
          type: 'action',
          configuration: {
            action: 'call_webhook',
            parameters: { endpoint: 'from-workflow', type: 'order.shipped', data: { execution: '{{execution.id}}' } },
          },
        },
      ],
    };
    const { id } = dataOf<Endpoint>(await proviso.call('post', '/workflows').send(workflow).expect(201));
    const started = await proviso.call('post', `/workflows/${id}/execute`).send({}).expect(202);
    const { executionId } = dataOf<{ executionId: string }>(started);
    const list = async (query: string): Promise<{ id: string }[]> =>
      dataOf(await proviso.call('get', `/webhook-deliveries?${query}`).expect(200));
    const [delivery] = await eventually(async () => {
      const found = await list(`executionId=${executionId}&status=delivered`);
      expect(found).toHaveLength(1);
      return found;
    });
    expect(await list(`endpointId=${endpoint.id}&limit=1`)).toEqual([delivery]);
    expect(await list(`endpointId=${endpoint.id}&status=failed`)).toEqual([]);
    const [arrived] = sink.of(`${executionId}.tell.1`);
    expect(JSON.parse(arrived!.body)).toMatchObject({ type: 'order.shipped', data: { execution: executionId } });
    const wrong = {
      ...workflow,
      name: 'Wrong',
      steps: [{ ...workflow.steps[0], configuration: { action: 'call_webhook', parameters: { endpoint: 'x' } } }],
    };
    await proviso.call('post', '/workflows').send(wrong).expect(422);
  });

  it('leaves figures', async () => {
    const metrics = await proviso.app.inject({ method: 'GET', url: '/metrics' });
    expect(metrics.body).toMatch(/webhook_deliveries_total\{status="delivered"\} \d+/);
    expect(metrics.body).toMatch(/webhook_delivery_duration_seconds_count \d+/);
  });
});
