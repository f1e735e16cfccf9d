import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Webhook } from 'standardwebhooks';
import type { JsonObject } from '../../src/kernel/json.js';
import type { Actor } from '../../src/platform/http/actor.js';
import { CreateWorkflow } from '../../src/workflows/definitions/commands/create-workflow.js';
import { ExecuteWorkflow } from '../../src/workflows/executions/commands/execute-workflow.js';
import { GetExecution, type ExecutionDetails } from '../../src/workflows/executions/queries/get-execution.js';
import { StepRunner } from '../../src/workflows/executions/step-runner.js';
import { ChangeWebhookEndpoint } from '../../src/workflows/webhooks/commands/change-webhook-endpoint.js';
import { CreateWebhookEndpoint } from '../../src/workflows/webhooks/commands/create-webhook-endpoint.js';
import { RedeliverWebhook } from '../../src/workflows/webhooks/commands/redeliver-webhook.js';
import { RemoveWebhookEndpoint } from '../../src/workflows/webhooks/commands/remove-webhook-endpoint.js';
import { RotateWebhookSecret } from '../../src/workflows/webhooks/commands/rotate-webhook-secret.js';
import {
  GetWebhookDelivery,
  type WebhookDeliveryDetails,
} from '../../src/workflows/webhooks/queries/get-webhook-delivery.js';
import { ListWebhookDeliveries } from '../../src/workflows/webhooks/queries/list-webhook-deliveries.js';
import { attemptWork } from '../../src/workflows/webhooks/requested-attempt-alarm.js';
import { RequestedAttempts } from '../../src/workflows/webhooks/requested-attempts.js';
import { WebhookOutbox } from '../../src/workflows/webhooks/webhook-outbox.js';
import type { WebhookEndpointWithSecret } from '../../src/workflows/webhooks/webhook-endpoint-rows.js';
import { eventually } from '../support/eventually.js';
import { startWebhookSink, type WebhookSink } from '../support/webhook-sink.js';
import { startFixture, type WorkflowsFixture } from './workflows-application.js';

let fixture: WorkflowsFixture;
let sink: WebhookSink;
let actor: Actor;
/** A process that takes no jobs by itself: the tests hand them over. */
let here: NestFastifyApplication;
let endpoint: WebhookEndpointWithSecret;

beforeAll(async () => {
  fixture = await startFixture();
  sink = await startWebhookSink();
  here = await fixture.start({ PROCESS_ROLE: 'api', OUTBOUND_ALLOW: `127.0.0.1:${sink.port}` });
  actor = fixture.actor((await fixture.seed(here, 'first')).organizationId);
  endpoint = await createEndpoint('billing');
});

afterAll(async () => {
  await fixture.stop();
  await sink.stop();
});

afterEach(() => {
  sink.behave();
  sink.received.splice(0);
  jest.restoreAllMocks();
});

const authored = (name: string, members: object = {}) => ({
  name,
  url: `${sink.url}/${name}`,
  description: null,
  isEnabled: true,
  ...members,
});
const createEndpoint = (name: string): Promise<WebhookEndpointWithSecret> =>
  here.get(CommandBus).execute(new CreateWebhookEndpoint(actor, authored(name), undefined));

let count = 0;
const tell = (parameters: object = {}, onError?: object) => ({
  id: 'tell',
  name: 'Tell',
  type: 'action',
  configuration: {
    action: 'call_webhook',
    parameters: { endpoint: 'billing', type: 'order.shipped', data: { order: '{{order}}' }, ...parameters },
  },
  ...(onError && { onError }),
});
const start = async (step: object): Promise<string> => {
  const definition = {
    name: `Workflow ${count++}`,
    trigger: { type: 'manual' },
    variables: [{ name: 'order', type: 'number', default: 17 }],
    steps: [step],
  } as unknown as JsonObject;
  const { id } = await here.get(CommandBus).execute(new CreateWorkflow(actor, { enabled: true, definition }));
  return (await here.get(CommandBus).execute(new ExecuteWorkflow(actor, id, {}))).executionId;
};
/** Does what is due of an execution, as a worker that gets its job. */
const work = async (executionId: string): Promise<void> => {
  const { rows } = await fixture.owner.query<{ id: string }>(
    'select id from workflow_step_runs where execution_id = $1',
    [executionId],
  );
  const data = { organizationId: actor.organizationId, stepRunId: rows[0]!.id };
  await here.get(StepRunner, { strict: false }).handle(data);
};
const read = (id: string): Promise<ExecutionDetails> => here.get(QueryBus).execute(new GetExecution(actor, id));
const deliveryOf = async (executionId: string): Promise<WebhookDeliveryDetails> => {
  const page = await here.get(QueryBus).execute(new ListWebhookDeliveries(actor, { limit: 2 }, { executionId }));
  expect(page.items).toHaveLength(1);
  return here.get(QueryBus).execute(new GetWebhookDelivery(actor, page.items[0]!.id));
};
const eventsOf = async (deliveryId: string): Promise<Record<string, unknown>[]> => {
  const { rows } = await fixture.owner.query<Record<string, unknown>>(
    `select type, convert_from(payload, 'UTF8')::jsonb as payload from events where stream = $1 order by stream_version, ordinal`,
    [`webhook-delivery:${deliveryId}`],
  );
  return rows;
};
const retries = (attempts: number) => ({ retry: { attempts, backoff: 'fixed', delayMs: 60_000 }, then: 'fail' });
const idOf = (executionId: string): string => `${executionId}.tell.1`;
/** As if the worker's process had stopped for longer than its lease. */
const expireLease = (executionId: string): Promise<unknown> =>
  fixture.owner.query(
    `update workflow_step_runs set lease_until = clock_timestamp() - interval '1 ms' where execution_id = $1`,
    [executionId],
  );
/** The next attempt is made, and its process dies before it can write down what came of it. */
const dieBeforeTheAnswerIsStored = (): void => {
  jest
    .spyOn(here.get(WebhookOutbox, { strict: false }), 'settle')
    .mockImplementationOnce(() => new Promise(() => undefined));
};

describe('a step that calls a webhook', () => {
  it('delivers it, signed so that the library of Standard Webhooks accepts it', async () => {
    const executionId = await start(tell());
    await work(executionId);
    const [received, ...others] = sink.received;
    expect(others).toEqual([]);
    expect(received).toMatchObject({ id: idOf(executionId), path: '/billing' });
    const content = new Webhook(endpoint.secret).verify(received!.body, received!.headers as Record<string, string>);
    expect(content).toEqual({ type: 'order.shipped', timestamp: expect.any(String), data: { order: 17 } });
    const delivery = await deliveryOf(executionId);
    expect(await read(executionId)).toMatchObject({
      status: 'completed',
      executionLog: [{ result: { deliveryId: delivery.id, status: 'delivered', responseStatus: 204 } }],
    });
    expect(delivery).toMatchObject({
      status: 'delivered',
      endpointName: 'billing',
      webhookId: idOf(executionId),
      body: received!.body,
      deliveredAt: expect.any(Date),
      attempts: [{ attempt: 1, status: 'delivered', responseStatus: 204, error: null, requestedBy: null }],
    });
    expect(await eventsOf(delivery.id)).toMatchObject([
      { type: 'workflows.webhook-delivered', payload: { executionId, attempt: 1, responseStatus: 204 } },
    ]);
  });

  it('spares a receiver for as long as it asks to be spared', async () => {
    let answers = 0;
    sink.behave((response) => void response.writeHead(++answers === 1 ? 503 : 204, { 'retry-after': '600' }).end());
    const executionId = await start(tell({}, retries(1)));
    await work(executionId);
    await fixture.pass('9 minutes');
    await work(executionId);
    expect(sink.of(idOf(executionId))).toHaveLength(1);
    await fixture.pass('1 minute');
    await work(executionId);
    expect(await deliveryOf(executionId)).toMatchObject({ status: 'delivered', attemptCount: 2 });
  });

  it('tries again under the same id with the same bytes, and keeps what each attempt came to', async () => {
    let answers = 0;
    sink.behave((response) => void response.writeHead(++answers === 1 ? 500 : 200).end(answers === 1 ? 'oops' : 'ok'));
    const executionId = await start(tell({}, retries(1)));
    await work(executionId);
    const failed = await deliveryOf(executionId);
    expect(failed).toMatchObject({ status: 'failed', attempts: [{ responseStatus: 500, responseBody: 'oops' }] });
    await fixture.pass('2 minutes');
    await work(executionId);
    expect(sink.of(idOf(executionId)).map(({ body }) => body)).toEqual([failed.body, failed.body]);
    expect(await deliveryOf(executionId)).toMatchObject({
      status: 'delivered',
      attemptCount: 2,
      attempts: [
        { attempt: 1, status: 'failed', error: 'The receiver answered 500.' },
        { attempt: 2, status: 'delivered', responseBody: 'ok' },
      ],
    });
    expect((await eventsOf(failed.id)).map(({ type }) => type)).toEqual([
      'workflows.webhook-failed',
      'workflows.webhook-delivered',
    ]);
    expect(await read(executionId)).toMatchObject({ status: 'completed' });
  });

  it.each([
    ['a refusal', 404, {}],
    ['a redirect to this machine', 302, { location: 'http://127.0.0.1:1/' }],
  ])('fails for good on %s', async (_, status, headers) => {
    sink.behave((response) => void response.writeHead(status, headers).end());
    const executionId = await start(tell({}, retries(5)));
    await work(executionId);
    expect(await read(executionId)).toMatchObject({
      status: 'failed',
      errorMessage: expect.stringContaining(`The receiver answered ${status}`),
    });
    expect(sink.received).toHaveLength(1);
  });

  it('fails for good when its endpoint is disabled, removed, or nobody knows it', async () => {
    const { id } = await createEndpoint('closing');
    const change = new ChangeWebhookEndpoint(actor, id, authored('closing', { isEnabled: false }), undefined);
    await here.get(CommandBus).execute(change);
    const disabled = await start(tell({ endpoint: 'closing' }, retries(5)));
    await work(disabled);
    await here.get(CommandBus).execute(new RemoveWebhookEndpoint(actor, id, undefined));
    const removed = await start(tell({ endpoint: 'closing' }, retries(5)));
    await work(removed);
    expect([(await read(disabled)).errorMessage, (await read(removed)).errorMessage]).toEqual([
      expect.stringContaining('webhook-endpoint-disabled'),
      expect.stringContaining('unknown-webhook-endpoint'),
    ]);
    expect(sink.received).toEqual([]);
  });

  it('does not call a target that became private', async () => {
    const { id } = await createEndpoint('moved');
    await fixture.owner.query('update webhook_endpoints set url = $1 where id = $2', ['http://10.0.0.1/', id]);
    const executionId = await start(tell({ endpoint: 'moved' }, retries(5)));
    await work(executionId);
    expect(await read(executionId)).toMatchObject({ status: 'failed' });
    expect(await deliveryOf(executionId)).toMatchObject({
      status: 'failed',
      attempts: [{ error: expect.stringContaining('target-refused'), responseStatus: null }],
    });
  });
});

describe('a webhook whose arrival nobody knows', () => {
  const interrupt = async (executionId: string): Promise<void> => {
    dieBeforeTheAnswerIsStored();
    void work(executionId);
    await eventually(() => expect(sink.of(idOf(executionId))).toHaveLength(1));
    await expireLease(executionId);
  };

  it('is sent again under its id after its process died', async () => {
    const executionId = await start(tell());
    await interrupt(executionId);
    expect(await deliveryOf(executionId)).toMatchObject({ status: 'sending' });
    await work(executionId);
    expect(await read(executionId)).toMatchObject({ status: 'completed' });
    expect(await deliveryOf(executionId)).toMatchObject({
      status: 'delivered',
      attempts: [{ status: 'unknown' }, { status: 'delivered' }],
    });
    expect(sink.of(idOf(executionId))).toHaveLength(2);
  });

  it('is not sent again where the step says so, and shown as unknown', async () => {
    const executionId = await start(tell({ onUnknown: 'keep' }, retries(5)));
    await interrupt(executionId);
    await work(executionId);
    const delivery = await deliveryOf(executionId);
    expect(await read(executionId)).toMatchObject({
      status: 'completed',
      executionLog: [{ result: { deliveryId: delivery.id, status: 'unknown' } }],
    });
    expect(delivery).toMatchObject({ status: 'unknown', attempts: [{ status: 'unknown' }] });
    expect(sink.of(idOf(executionId))).toHaveLength(1);
    expect(await eventsOf(delivery.id)).toMatchObject([{ type: 'workflows.webhook-unknown' }]);
  });

  it.each([
    ['resend', 'waiting', 'unknown'],
    ['keep', 'completed', 'unknown'],
  ])('because no answer came: %s', async (onUnknown, status, shown) => {
    sink.behave((response) => response.destroy());
    const executionId = await start(tell({ onUnknown }, retries(5)));
    await work(executionId);
    expect(await deliveryOf(executionId)).toMatchObject({ status: shown, attempts: [{ status: 'unknown' }] });
    const { status: now } = await read(executionId);
    expect(now === 'completed' ? 'completed' : 'waiting').toBe(status);
  });

  it('stays so when the old worker learns too late that it was refused', async () => {
    let answer: () => void = () => undefined;
    sink.behave((response) => {
      answer = () => void response.writeHead(503).end();
    });
    const executionId = await start(tell({ onUnknown: 'keep' }, retries(5)));
    const late = work(executionId);
    await eventually(() => expect(sink.of(idOf(executionId))).toHaveLength(1));
    await expireLease(executionId);
    await work(executionId);
    expect(await deliveryOf(executionId)).toMatchObject({ status: 'unknown' });
    answer();
    await late;
    expect(await deliveryOf(executionId)).toMatchObject({
      status: 'unknown',
      attempts: [{ status: 'failed', responseStatus: 503 }],
    });
    expect(await read(executionId)).toMatchObject({ status: 'completed' });
  });

  it('is told only once when the old worker answers late', async () => {
    let answer: () => void = () => undefined;
    sink.behave((response) => {
      answer = () => void response.writeHead(500).end();
    });
    const executionId = await start(tell());
    const late = work(executionId);
    await eventually(() => expect(sink.of(idOf(executionId))).toHaveLength(1));
    await expireLease(executionId);
    sink.behave();
    await work(executionId);
    answer();
    await late;
    await eventually(async () => {
      expect((await deliveryOf(executionId)).attempts).toMatchObject([{ status: 'failed' }, { status: 'delivered' }]);
    });
    expect(await deliveryOf(executionId)).toMatchObject({ status: 'delivered' });
    expect(await read(executionId)).toMatchObject({ status: 'completed' });
  });
});

describe('a secret', () => {
  it('that was rotated signs beside the new one for a day', async () => {
    const before = await createEndpoint('rotating');
    const rotated = await here
      .get(CommandBus)
      .execute(new RotateWebhookSecret(actor, before.id, undefined, before.version));
    const sent = async () => {
      await work(await start(tell({ endpoint: 'rotating' })));
      const { body, headers } = sink.received.at(-1)!;
      return [before.secret, rotated.secret].map((secret) => {
        try {
          new Webhook(secret).verify(body, headers as Record<string, string>);
          return true;
        } catch {
          return false;
        }
      });
    };
    expect(await sent()).toEqual([true, true]);
    await fixture.pass('25 hours');
    expect(await sent()).toEqual([false, true]);
  });

  it('is stored encrypted, for its endpoint alone', async () => {
    const { rows } = await fixture.owner.query<{ secret: object }>('select secret from webhook_endpoints');
    expect(rows.length).toBeGreaterThan(0);
    for (const { secret } of rows.filter(({ secret }) => secret !== null)) {
      expect(Object.keys(secret)).toEqual(['$encrypted']);
    }
    const { id } = await createEndpoint('copied');
    await fixture.owner.query('update webhook_endpoints set secret = $1 where id = $2', [rows[0]!.secret, id]);
    const executionId = await start(tell({ endpoint: 'copied' }));
    await work(executionId);
    expect(sink.received).toEqual([]);
  });
});

describe('a redelivery', () => {
  const place = async (deliveryId: string, attempt: number): Promise<void> =>
    here
      .get(RequestedAttempts, { strict: false })
      .handle({ organizationId: actor.organizationId, deliveryId, attempt, correlationId: 'by-hand' });
  const redeliver = (deliveryId: string) => here.get(CommandBus).execute(new RedeliverWebhook(actor, deliveryId));
  const waiting = async (): Promise<unknown[]> => {
    await fixture.owner.query(`update webhook_attempts set lease_until = lease_until - interval '1 minute'`);
    return (await fixture.owner.query<Record<string, unknown>>(attemptWork.waiting)).rows;
  };

  it('sends the same id and body once, under a new time, though its job comes twice', async () => {
    const executionId = await start(tell());
    sink.behave((response) => void response.writeHead(410).end());
    await work(executionId);
    sink.behave();
    const { id } = await deliveryOf(executionId);
    expect(await redeliver(id)).toEqual({ deliveryId: id, attempt: 2 });
    await expect(redeliver(id)).rejects.toMatchObject({ kind: 'conflict', code: 'webhook-being-sent' });
    expect(await waiting()).toMatchObject([{ deliveryId: id, attempt: 2 }]);
    await Promise.all([place(id, 2), place(id, 2)]);
    const [first, second, ...others] = sink.of(idOf(executionId));
    expect(others).toEqual([]);
    expect(second!.body).toBe(first!.body);
    new Webhook(endpoint.secret).verify(second!.body, second!.headers as Record<string, string>);
    expect(await deliveryOf(executionId)).toMatchObject({
      status: 'delivered',
      attempts: [{ status: 'failed' }, { status: 'delivered', requestedBy: actor.id }],
    });
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual([
      'workflows.webhook-failed',
      'workflows.webhook-redelivered',
      'workflows.webhook-delivered',
    ]);
    expect(await waiting()).toEqual([]);
  });

  it('of what arrived does not make it less arrived', async () => {
    const executionId = await start(tell());
    await work(executionId);
    const { id } = await deliveryOf(executionId);
    sink.behave((response) => void response.writeHead(500).end());
    await redeliver(id);
    await place(id, 2);
    expect(await deliveryOf(executionId)).toMatchObject({
      status: 'delivered',
      attempts: [{ status: 'delivered' }, { status: 'failed' }],
    });
  });

  it('whose process died is shown as unknown, and can be asked for again', async () => {
    const executionId = await start(tell());
    sink.behave((response) => void response.writeHead(410).end());
    await work(executionId);
    const { id } = await deliveryOf(executionId);
    await redeliver(id);
    dieBeforeTheAnswerIsStored();
    void place(id, 2);
    await eventually(() => expect(sink.of(idOf(executionId))).toHaveLength(2));
    await expect(redeliver(id)).rejects.toMatchObject({ code: 'webhook-being-sent' });
    expect(await waiting()).toMatchObject([{ deliveryId: id, attempt: 2 }]);
    await place(id, 2);
    expect(await deliveryOf(executionId)).toMatchObject({ status: 'unknown', attempts: [{}, { status: 'unknown' }] });
    expect(sink.of(idOf(executionId))).toHaveLength(2);
    expect(await redeliver(id)).toEqual({ deliveryId: id, attempt: 3 });
  });

  it('of an endpoint that was removed is refused, or ends as failed when it was removed meanwhile', async () => {
    const { id: endpointId } = await createEndpoint('leaving');
    const executionId = await start(tell({ endpoint: 'leaving' }));
    await work(executionId);
    const { id } = await deliveryOf(executionId);
    await redeliver(id);
    await here.get(CommandBus).execute(new RemoveWebhookEndpoint(actor, endpointId, undefined));
    await place(id, 2);
    expect((await deliveryOf(executionId)).attempts[1]).toMatchObject({ status: 'failed', error: expect.any(String) });
    await expect(redeliver(id)).rejects.toMatchObject({ kind: 'conflict', code: 'webhook-endpoint-removed' });
    expect(sink.of(idOf(executionId))).toHaveLength(1);
  });
});
