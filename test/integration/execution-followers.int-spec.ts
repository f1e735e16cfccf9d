import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type pg from 'pg';
import request from 'supertest';
import { Authenticator } from '../../src/identity/identity.contract.js';
import { newId } from '../../src/kernel/id.js';
import { Pools } from '../../src/platform/database/pools.js';
import { Sql } from '../../src/platform/database/sql.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { ErrorLog } from '../../src/platform/queue/error-log.js';
import { ExecutionFollowers } from '../../src/workflows/observation/execution-followers.js';
import { ExecutionWatch } from '../../src/workflows/observation/execution-watch.js';
import { OpenStreams } from '../../src/workflows/observation/open-streams.js';
import { sentStream } from '../../src/workflows/observation/sent-stream.js';
import { TransitionEvents } from '../../src/workflows/observation/transition-events.js';
import { receiveEvents } from '../support/event-client.js';
import { eventually } from '../support/eventually.js';
import { startFixture, type WorkflowsFixture } from './workflows-application.js';

const BEAT_MS = 200;
const UNREAD_MS = 300;

let fixture: WorkflowsFixture;
let app: NestFastifyApplication;
let pool: pg.Pool;
let token: string;

beforeAll(async () => {
  fixture = await startFixture();
  app = await fixture.start();
  await fixture.seed(app, 'first');
  pool = app.get(Pools).get('watch', { role: 'follower', max: 1 });
  token = await signIn();
});

afterAll(() => fixture.stop());

async function signIn(): Promise<string> {
  const login = { email: 'owner@first.test', password: 'demo-password' };
  const response = await request(app.getHttpServer()).post('/api/v1/auth/login').send(login).expect(200);
  return (response.body as { access_token: string }).access_token;
}

async function post<T>(path: string, body: object, as = token): Promise<T> {
  const response = await request(app.getHttpServer()).post(`/api/v1${path}`).auth(as, { type: 'bearer' }).send(body);
  return (response.body as { data: T }).data;
}

async function startWaiting(): Promise<string> {
  const steps = [{ id: 'wait', name: 'Wait', type: 'delay', configuration: { duration: 'P1D' } }];
  const workflow = { name: `Waiting ${newId()}`, trigger: { type: 'manual' }, steps };
  const { id } = await post<{ id: string }>('/workflows', workflow);
  return (await post<{ executionId: string }>(`/workflows/${id}/execute`, {})).executionId;
}

const streamsWith = (metrics = new Metrics()): OpenStreams =>
  new OpenStreams({ perActor: 10, inAll: 20, unreadForMs: UNREAD_MS }, metrics);

type Answer = (incoming: IncomingMessage, response: ServerResponse) => void | Promise<void>;

async function serve(answer: Answer): Promise<{ server: Server; url: string }> {
  const server = createServer((incoming, response) => void answer(incoming, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A pool that counts what it is asked. */
function counted(): { queries: () => number; pool: Pick<pg.Pool, 'query'> } {
  let queries = 0;
  const query = (...words: Parameters<pg.Pool['query']>): unknown => {
    queries += 1;
    return pool.query(...words);
  };
  return { queries: () => queries, pool: { query: query as pg.Pool['query'] } };
}

describe('those who follow an execution', () => {
  it('are cut at the next beat when their session is revoked', async () => {
    const followers = new ExecutionFollowers({
      events: new TransitionEvents(app.get(Sql)),
      watch: new ExecutionWatch(pool, app.get(ErrorLog)),
      beatEveryMs: BEAT_MS,
      streams: streamsWith(),
      authenticator: app.get(Authenticator),
    });
    const executionId = await startWaiting();
    const session = await signIn();
    const actor = await app.get(Authenticator).identify(session, { correlationId: newId() });
    const { server, url } = await serve(async ({ headers, method }, response) => {
      const incoming = { headers, method, id: newId(), actor } as unknown as FastifyRequest;
      response.setHeader('content-type', 'text/event-stream');
      const stream = await followers.follow({ executionId, lastEventId: undefined, request: incoming, response });
      if (typeof stream !== 'string') stream.pipe(response);
    });
    let beats = 0;
    const received = receiveEvents({
      url,
      headers: { authorization: `Bearer ${session}` },
      onEvent: ({ isComment }) => (beats += Number(isComment)),
    });
    await eventually(() => expect(beats).toBeGreaterThan(1));
    const logout = request(app.getHttpServer()).post('/api/v1/auth/logout').auth(session, { type: 'bearer' });
    await logout.expect(200);
    const seen = beats;
    await received;
    expect(beats - seen).toBeLessThanOrEqual(1);
    server.close();
  });

  it('cost one look at all of them, and none when there are none', async () => {
    const { queries, pool: asked } = counted();
    const watch = new ExecutionWatch(asked, app.get(ErrorLog));
    const executionIds = await Promise.all([1, 2, 3].map(startWaiting));
    const controller = new AbortController();
    const limits = { atMostMs: 10_000, signal: controller.signal };
    const waits = Array.from({ length: 60 }, (_, index) => watch.moved(executionIds[index % 3]!, 1, limits));
    await sleep(1_000);
    expect(queries()).toBeGreaterThanOrEqual(2);
    expect(queries()).toBeLessThanOrEqual(6);
    await request(app.getHttpServer())
      .post(`/api/v1/workflows/executions/${executionIds[0]!}/cancel`)
      .auth(token, { type: 'bearer' });
    const moved = waits.filter((_, index) => index % 3 === 0);
    expect(new Set(await Promise.all(moved))).toEqual(new Set([true]));
    controller.abort();
    expect(new Set(await Promise.all(waits))).toEqual(new Set([true, false]));
    await sleep(300);
    const asleep = queries();
    await sleep(500);
    expect(queries()).toBe(asleep);
  });

  it('are found by the role that looks, which sees versions and nothing else', async () => {
    const id = await startWaiting();
    const { rows } = await pool.query('select id, version from workflow_executions where id = $1', [id]);
    expect(rows).toEqual([{ id, version: 1 }]);
    await expect(pool.query('select variables from workflow_executions')).rejects.toMatchObject({ code: '42501' });
  });
});

describe('a client that does not read', () => {
  it('is cut off, and makes nothing be read for it', async () => {
    const metrics = new Metrics();
    const streams = streamsWith(metrics);
    let made = 0;
    async function* frames(): AsyncGenerator<string> {
      for (;;) {
        made += 1;
        yield await Promise.resolve('x'.repeat(10_000));
      }
    }
    const { server, url } = await serve((_incoming, response) => {
      const stream = streams.add('somebody');
      sentStream(streams, { stream, response }, frames()).pipe(response);
    });
    const before = process.memoryUsage().arrayBuffers;
    const client = get(url, (response) => void response.pause());
    client.on('error', () => undefined);
    await eventually(() => expect(made).toBeGreaterThan(3));
    await sleep(UNREAD_MS / 2);
    const unread = made;
    await sleep(UNREAD_MS / 3);
    expect(made).toBe(unread);
    // Whatever the kernel buffers is the kernel's.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    await eventually(async () => {
      const text = await metrics.registry.metrics();
      expect(text).toMatch(/^workflow_event_streams_cut_off_total 1$/m);
      expect(text).toMatch(/^workflow_event_streams 0$/m);
    });
    client.destroy();
    server.close();
  });

  it('does not hold up the end of the process', async () => {
    const streams = new OpenStreams({ perActor: 1, inAll: 1, unreadForMs: 60_000 }, new Metrics());
    async function* frames(): AsyncGenerator<string> {
      for (;;) yield await Promise.resolve('x'.repeat(10_000));
    }
    const { server, url } = await serve((_incoming, response) => {
      sentStream(streams, { stream: streams.add('somebody'), response }, frames()).pipe(response);
    });
    const client = get(url, (response) => void response.pause());
    client.on('error', () => undefined);
    await once(server, 'connection');
    await sleep(200);
    expect(() => streams.add('another')).toThrow(expect.objectContaining({ code: 'streams-full' }));
    streams.beforeApplicationShutdown();
    expect(() => streams.add('another')).toThrow(expect.objectContaining({ code: 'closing' }));
    const closed = once(server, 'close');
    server.close();
    await closed;
    client.destroy();
  });
});
