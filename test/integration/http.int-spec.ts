import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { canonicalJson } from '../../src/kernel/canonical-json.js';
import { type Probe, startProbe } from './http-probe.js';

type Answer = Record<string, unknown>;

const ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const json = { 'content-type': 'application/json' };
const signedIn = { 'x-test-permissions': 'things:read,things:write' };

let probe: Probe;
const call = (options: InjectOptions): Promise<LightMyRequestResponse> => probe.app.inject(options);
const post = (
  payload: string | Buffer,
  headers: Record<string, string> = json,
  url = '/api/v1/things',
): Promise<LightMyRequestResponse> => call({ method: 'POST', url, payload, headers: { ...signedIn, ...headers } });
const send = (body: unknown, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
  post(JSON.stringify(body), { ...json, ...headers });
const get = (url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
  call({ method: 'GET', url, headers: { ...signedIn, ...headers } });
const dataOf = (response: LightMyRequestResponse): Answer => response.json<{ data: Answer }>().data;

/** The status and code of a problem, after a look at what every problem must have. */
function problemOf(response: LightMyRequestResponse): [number, unknown] {
  expect(response.headers['content-type']).toBe('application/problem+json');
  const problem = response.json<Answer>();
  expect(problem).toMatchObject({
    type: `urn:proviso:problem:${String(problem['code'])}`,
    title: expect.any(String),
    status: response.statusCode,
    detail: problem['error'],
    success: false,
  });
  expect(problem['detail']).toMatch(/[.!]$|^Duplicate/);
  return [response.statusCode, problem['code']];
}

beforeAll(async () => {
  probe = await startProbe({
    CORS_ORIGINS: 'https://app.example.com',
    RATE_LIMIT_LOGIN_PER_MINUTE: '2',
  });
});

afterAll(() => probe.app.close());

describe('bodies that cannot be read', () => {
  const deep = (levels: number): string =>
    `{"name":"Cup","context":${'{"a":'.repeat(levels - 1)}1${'}'.repeat(levels - 1)}}`;
  const refused: [string, string | Buffer, number, string][] = [
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]), 400, 'body-is-no-utf-8'],
    ['NUL in a value', '{"name":"a\\u0000b"}', 400, 'nul-character'],
    ['NUL in a key', '{"context":{"a\\u0000":1}}', 400, 'nul-character'],
    ['a lone surrogate in a value', '{"name":"\\ud800"}', 400, 'lone-surrogate'],
    ['a lone surrogate in a key', '{"context":{"\\udc00":1}}', 400, 'lone-surrogate'],
    ['65 levels', deep(65), 400, 'too-deep'],
    ['200,000 levels', deep(150_000), 400, 'too-deep'],
    ['__proto__', '{"context":{"list":[{"__proto__":{"a":1}}]}}', 400, 'forbidden-member'],
    ['constructor.prototype', '{"context":{"constructor":{"prototype":{"a":1}}}}', 400, 'forbidden-member'],
    ['a number beyond the range', '{"weight":1e999}', 400, 'number-too-large'],
    ['a member that stands twice', '{"name":"Cup","context":{"a":1,"b":{"a":2},"\\u0061":3}}', 400, 'duplicate-member'],
    ['broken JSON', '{"name": xyz}', 400, 'body-is-no-json'],
    ['an empty body', '', 400, 'empty-body'],
    ['null', 'null', 400, 'body-is-no-object'],
    ['a list', '[]', 400, 'body-is-no-object'],
    ['a text', '"a"', 400, 'body-is-no-object'],
    ['a number', '1', 400, 'body-is-no-object'],
    ['more than 1 MiB', JSON.stringify({ name: 'x'.repeat(1024 * 1024) }), 413, 'body-too-large'],
  ];

  it.each(refused)('refuses %s', async (_, body, status, code) => {
    expect(problemOf(await post(body))).toEqual([status, code]);
  });

  it('tells the place', async () => {
    const broken = (await post('{\n  "name": "Cup",\n  "part": }')).json<Answer>();
    expect(broken).toMatchObject({ position: 29, line: 3, column: 11 });
    const twice = (await post('{"name":"Cup","context":{"a":1,"b":{"a":2},"\\u0061":3}}')).json<Answer>();
    expect(twice).toMatchObject({ position: 43, detail: expect.stringContaining('"a" stands twice') });
    const hidden = (await post('{"context":{"x/y":["a",{"b~":"\\ud800"}]}}')).json<Answer>();
    expect(hidden['errors']).toEqual([{ pointer: '#/context/x~1y/1/b~0', message: expect.any(String) }]);
  });

  it.each([
    ['text/plain', 'name=Cup'],
    ['application/x-www-form-urlencoded', 'name=Cup'],
    ['application/xml', '<name>Cup</name>'],
    ['application/vnd.api+json', '{"name":"Cup"}'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['application/json; charset=latin1', '{"name":"Cup"}'],
    ['text/csv', 'name\nCup'],
    ['application/x-ndjson', '{"name":"Cup"}'],
    ['nonsense', '{"name":"Cup"}'],
  ])('does not take %s', async (type, body) => {
    expect(problemOf(await post(body, { 'content-type': type }))).toEqual([415, 'unsupported-media-type']);
  });

  it('does not take compressed bodies, nor bodies without a type', async () => {
    expect((await post('{"name":"Cup"}', { ...json, 'content-encoding': 'gzip' })).statusCode).toBe(415);
    const untyped = await call({
      method: 'POST',
      url: '/api/v1/things',
      payload: Buffer.from('{}'),
      headers: signedIn,
    });
    expect(problemOf(untyped)).toEqual([415, 'unsupported-media-type']);
  });

  it('takes a byte order mark, 64 levels, UTF-8 by name, and no body where nothing is required', async () => {
    expect((await post(`\ufeff{"name":"Cup"}`)).statusCode).toBe(201);
    expect((await post(deep(63))).statusCode).toBe(201);
    expect((await post('{"name":"Cup"}', { 'content-type': 'application/json; charset="UTF-8"' })).statusCode).toBe(
      201,
    );
    expect((await call({ method: 'PUT', url: `/api/v1/things/${ID}`, headers: signedIn })).statusCode).toBe(200);
  });

  it('hands streams over to the routes that want them, and to them alone', async () => {
    const taken = await post('name\nCup', { 'content-type': 'text/csv; charset=utf-8' }, '/api/v1/things/import');
    expect(dataOf(taken)).toEqual({ received: 'name\nCup' });
    expect((await post('{}', json, '/api/v1/things/import')).statusCode).toBe(415);
    const huge = { 'content-type': 'text/csv', 'content-length': String(1024 ** 3 + 1) };
    expect(problemOf(await post('a', huge, '/api/v1/things/import'))).toEqual([413, 'body-too-large']);
  });
});

describe('input', () => {
  const faultsOf = async (body: unknown): Promise<unknown> => {
    const response = await send(body);
    expect(problemOf(response)).toEqual([400, 'invalid-body']);
    return response.json<Answer>()['errors'];
  };

  it('fills the classes, and takes values as they are', async () => {
    const body = {
      name: 'Cup',
      part: { name: 'Handle', count: 2 },
      size: 'small',
      ownerId: null,
      price: 19.9,
      tags: ['a'],
    };
    expect(dataOf(await send(body))).toMatchObject({ isInput: true, isPart: true, input: body });
  });

  it('brings untyped objects whole, whatever their keys are called', async () => {
    const context = {
      constructor: 'acme',
      toString: 'q',
      then: 1,
      valueOf: { hasOwnProperty: null },
      list: [{ constructor: {} }],
    };
    const { input } = dataOf(await send({ name: 'Cup', context })) as { input: Answer };
    expect(input['context']).toEqual(context);
    expect(Object.keys(input['context'] as object)).toEqual(Object.keys(context));
  });

  it('refuses what is not known, also when objects have it by nature', async () => {
    expect(
      await faultsOf({
        name: 'Cup',
        nane: 1,
        toString: 1,
        constructor: 'x',
        part: { name: 'H', count: 1, valueOf: 2 },
      }),
    ).toEqual([
      { pointer: '#/nane', message: 'nane is not known here' },
      { pointer: '#/toString', message: 'toString is not known here' },
      { pointer: '#/constructor', message: 'constructor is not known here' },
      { pointer: '#/part/valueOf', message: 'valueOf is not known here' },
    ]);
  });

  it('names every fault with its place, one for each', async () => {
    const parts = [{ name: 'H', count: 1 }, { name: '', count: '2' }, 'x'];
    expect(await faultsOf({ part: null, parts })).toEqual([
      { pointer: '#/name', message: 'name is required' },
      { pointer: '#/part', message: expect.stringContaining('object') },
      { pointer: '#/parts', message: expect.stringContaining('each value') },
    ]);
    expect(await faultsOf({ name: 'Cup', parts: parts.slice(0, 2) })).toEqual([
      { pointer: '#/parts/1/name', message: expect.stringContaining('longer') },
      { pointer: '#/parts/1/count', message: 'count must be an integer number' },
    ]);
  });

  it.each([
    ['size', 'huge'],
    ['size', null],
    ['ownerId', '17'],
    ['dueAt', '2026-11-22T09:30:00'],
    ['dueAt', '2026-02-30T09:30:00Z'],
    ['dueAt', '2026-11-22'],
    ['price', 19.999],
    ['price', '1,5'],
    ['price', -1],
    ['price', 1e21],
    ['weight', '1'],
    ['weight', 1001],
    ['isFragile', 'true'],
    ['isFragile', 1],
    ['tags', 'a'],
    ['tags', ['a', 'b', 'c']],
    ['tags', [1]],
    ['context', []],
    ['context', 'x'],
    ['part', []],
    ['part', [{ name: 'H', count: 1 }]],
    ['contact', 'ann'],
    ['name', 'x'.repeat(21)],
    ['name', 7],
  ])('refuses %s = %j', async (name, value) => {
    expect(await faultsOf({ name: 'Cup', [name]: value })).toEqual([
      { pointer: `#/${name}`, message: expect.any(String) },
    ]);
  });

  it('takes instants with any zone', async () => {
    for (const dueAt of ['2024-02-29T23:59:59.123456+05:30', '2026-11-22T09:30Z']) {
      expect((await send({ name: 'Cup', dueAt })).statusCode).toBe(201);
    }
  });

  it('reads numbers and truth in queries, and refuses the rest by the name of the parameter', async () => {
    const page = await get('/api/v1/things?limit=07&page=2&isFragile=false&counts=1&counts=2');
    expect(page.json<Answer>()['data']).toEqual([{ limit: 7, page: 2, isFragile: false, counts: [1, 2] }]);
    expect((await get('/api/v1/things')).json<Answer>()['data']).toEqual([{ limit: 50 }]);
    for (const query of [
      'limit=',
      'limit=true',
      'limit=1&limit=2',
      'limit=101',
      'page=0',
      'page=1.5',
      'isFragile=1',
      'counts=x',
      'toString=1',
      'cursor=%20',
    ]) {
      const response = await get(`/api/v1/things?${query}`);
      expect(problemOf(response)).toEqual([400, 'invalid-query']);
      expect(response.json<Answer>()['errors']).toEqual([
        { parameter: query.split('=')[0], message: expect.any(String) },
      ]);
    }
    const path = await get('/api/v1/things/17');
    expect(problemOf(path)).toEqual([400, 'invalid-path']);
    expect(path.json<Answer>()['errors']).toEqual([{ parameter: 'id', message: 'id must be a UUID' }]);
  });

  it('checks hot routes by a compiled schema with the same answer', async () => {
    const hot = (body: unknown): Promise<LightMyRequestResponse> =>
      post(JSON.stringify(body), json, '/api/v1/things/hot');
    expect(dataOf(await hot({ entry: 'crm', toString: 1, context: { constructor: 'a' } }))).toEqual({
      entry: 'crm',
      toString: 1,
      context: { constructor: 'a' },
    });
    const refused = await hot({ entry: 1, 'a/b': 2 });
    expect(problemOf(refused)).toEqual([400, 'invalid-body']);
    expect(refused.json<Answer>()['errors']).toEqual([
      { pointer: '#/toString', message: 'toString is required' },
      { pointer: '#/a~1b', message: 'a/b is not known here' },
      { pointer: '#/entry', message: 'entry must be string' },
    ]);
  });

  it.each([
    '/api/v1/things?a=%zz',
    '/api/v1/things?a=%ff',
    '/api/v1/things?a=%00',
    '/api/v1/things?a=%ED%A0%80',
    '/api/v1/things/%zz',
    '/api/v1/things/%00',
    '/api/v1/nowhere?a=%00',
  ])('refuses the URL %s', async (url) => {
    expect(problemOf(await get(url))).toEqual([400, 'invalid-url']);
  });
});

describe('answers', () => {
  it('wraps data, lists, pages and messages, and leaves the rest alone', async () => {
    expect((await get(`/api/v1/things/${ID}`)).json()).toEqual({
      success: true,
      data: { id: ID, version: 3, trail: { correlationId: expect.any(String) } },
    });
    expect((await get('/api/v1/things/all')).json()).toEqual({ success: true, data: [] });
    expect((await get('/api/v1/things')).json()).toMatchObject({
      success: true,
      pagination: { total: 118, page: 1, limit: 50, pages: 3, nextCursor: 'next' },
    });
    expect((await get('/api/v1/things/slow')).json()).toEqual({ success: true, message: 'That took a while.' });
    expect((await get('/api/v1/open/bare')).json()).toEqual({ access_token: 'x' });
    const removed = await call({ method: 'DELETE', url: `/api/v1/things/${ID}`, headers: signedIn });
    expect([removed.statusCode, removed.body]).toEqual([204, '']);
  });

  it('gives the version of one resource as its ETag, and reads it back from If-Match', async () => {
    expect((await get(`/api/v1/things/${ID}`)).headers['etag']).toBe('"3"');
    expect((await get('/api/v1/things')).headers['etag']).toBeUndefined();
    const change = (headers: Record<string, string>): Promise<LightMyRequestResponse> =>
      call({
        method: 'PUT',
        url: `/api/v1/things/${ID}`,
        payload: '{"size":"large"}',
        headers: { ...json, ...signedIn, ...headers },
      });
    expect(dataOf(await change({ 'if-match': '"3"' }))).toMatchObject({ expected: 3, input: { size: 'large' } });
    expect(dataOf(await change({}))).toMatchObject({ expected: null });
    for (const header of ['3', 'W/"3"', '"3", "4"', '*', '"x"']) {
      expect(problemOf(await change({ 'if-match': header }))).toEqual([400, 'invalid-if-match']);
    }
  });

  it('refuses null in a change where the field does not take it', async () => {
    const change = (payload: string): Promise<LightMyRequestResponse> =>
      call({ method: 'PUT', url: `/api/v1/things/${ID}`, payload, headers: { ...json, ...signedIn } });
    expect((await change('{"name":null}')).statusCode).toBe(400);
    expect((await change('{"ownerId":null}')).statusCode).toBe(200);
  });

  it('takes over a correlation id, or the id of a W3C trace, or makes one', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const sent = await get(`/api/v1/things/${ID}`, { 'x-correlation-id': 'order-2026-17', traceparent });
    expect(sent.headers['x-correlation-id']).toBe('order-2026-17');
    expect(dataOf(sent)['trail']).toEqual({ correlationId: 'order-2026-17' });
    const traced = await get(`/api/v1/things/${ID}`, { traceparent });
    expect(dataOf(traced)['trail']).toEqual({ correlationId: '0af7651916cd43dd8448eb211c80319c' });
    const nobody = await get(`/api/v1/things/${ID}`, { traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` });
    expect(nobody.headers['x-correlation-id']).toMatch(/^[\da-f-]{36}$/);
    const made = await get('/api/v1/things/17', { 'x-correlation-id': 'no good', traceparent: 'x' });
    expect(made.headers['x-correlation-id']).toMatch(/^[\da-f-]{36}$/);
    expect(made.json<Answer>()).toMatchObject({
      instance: '/api/v1/things/17',
      correlationId: made.headers['x-correlation-id'],
    });
  });

  it('reads idempotency keys on the routes that honour them', async () => {
    const body = { name: 'Cup' };
    expect(dataOf(await send(body, { 'idempotency-key': 'k-1' }))['key']).toEqual({
      key: 'k-1',
      route: 'POST /api/v1/things',
      requestHash: createHash('sha256')
        .update(canonicalJson({ url: '/api/v1/things', body }))
        .digest('hex'),
    });
    expect(dataOf(await send(body))['key']).toBeUndefined();
    for (const key of ['', 'a b', 'x'.repeat(256), 'ä']) {
      expect(problemOf(await send(body, { 'idempotency-key': key }))).toEqual([400, 'invalid-idempotency-key']);
    }
  });

  it('does not tell a caller apart that nobody made out', async () => {
    const response = await call({ method: 'GET', url: '/api/v1/open/me' });
    expect(problemOf(response)).toEqual([401, 'unauthenticated']);
    expect(response.headers['www-authenticate']).toBe('Bearer');
  });

  it('counts calls, and tells where the caller stands', async () => {
    const first = await get('/api/v1/open/limited');
    expect(first.headers['ratelimit']).toBe('"minute";r=1;t=60');
    expect(first.headers).not.toHaveProperty('ratelimit-policy');
    await get('/api/v1/open/limited');
    const third = await get('/api/v1/open/limited');
    expect(problemOf(third)).toEqual([429, 'rate-limited']);
    expect(third.headers).toMatchObject({
      ratelimit: `"minute";r=0;t=${String(third.headers['retry-after'])}`,
      'ratelimit-policy': '"minute";q=2;w=60',
    });
  });
});

describe('failures', () => {
  const failures: [string, number, string, Answer][] = [
    ['missing', 404, 'not-found', {}],
    ['senseless', 422, 'unknown-stage', { errors: [{ pointer: '#/stage', message: 'is unknown' }] }],
    ['cursor', 400, 'bad-cursor', { errors: [{ parameter: 'cursor', message: 'The cursor is not ours.' }] }],
    ['duplicate', 409, 'duplicate-lead', { error: 'Duplicate lead detected', duplicates: [{ id: '1', name: 'Ann' }] }],
    ['busy', 503, 'queue-unavailable', { retryAfterSeconds: 7 }],
    ['refused', 503, 'database-unavailable', {}],
    ['stopped', 503, 'database-unavailable', {}],
    ['pool', 503, 'database-unavailable', {}],
    ['unique', 409, 'already-exists', {}],
    ['reference', 409, 'still-referenced', {}],
    ['lock', 409, 'stale-version', {}],
    ['bug', 500, 'internal', {}],
    ['text', 500, 'internal', {}],
  ];

  it.each(failures)('answers %s', async (how, status, code, members) => {
    const response = await get(`/api/v1/things/fail/${how}`);
    expect(problemOf(response)).toEqual([status, code]);
    expect(response.json()).toMatchObject(members);
    expect(response.body).not.toMatch(/secret_column|10\.0\.0\.5|at \w+ \(/);
    if (status === 503) expect(response.headers['retry-after']).toBe(how === 'busy' ? '7' : '1');
  });

  it('logs what is our fault, with its places', async () => {
    const correlationId = 'a-bug-to-find';
    await get('/api/v1/things/fail/bug', { 'x-correlation-id': correlationId });
    const line = probe.lines.find(
      (each) => each['event'] === 'request-failed' && each['correlationId'] === correlationId,
    );
    expect(line).toMatchObject({ level: 'error', error: { name: 'TypeError', stack: expect.any(Array) } });
  });

  it('answers a lost lock 412 when the caller named the version', async () => {
    expect(problemOf(await get('/api/v1/things/fail/lock', { 'if-match': '"3"' }))).toEqual([412, 'stale-version']);
  });

  it.each([
    ['GET', '/api/v1/nowhere'],
    ['PATCH', '/api/v1/things'],
    ['GET', '/things'],
    ['TRACE', '/api/v1/things'],
    ['OPTIONS', '/nowhere/*'],
  ] as const)('has no %s %s', async (method, url) => {
    const response = await call({ method: method, url });
    if (method === 'OPTIONS') expect(response.statusCode).toBe(204);
    else expect(problemOf(response)).toEqual([404, 'no-such-route']);
  });

  it('ignores trailing slashes and bodies of GET, and answers HEAD', async () => {
    expect((await get('/api/v1/things/')).statusCode).toBe(200);
    expect((await call({ method: 'HEAD', url: '/api/v1/things' })).statusCode).toBe(200);
    expect((await call({ method: 'GET', url: '/api/v1/things', headers: json, payload: '{broken' })).statusCode).toBe(
      200,
    );
  });

  it('answers browsers of the listed origins alone', async () => {
    const preflight = (origin: string): Promise<LightMyRequestResponse> =>
      call({ method: 'OPTIONS', url: '/api/v1/things', headers: { origin, 'access-control-request-method': 'POST' } });
    expect((await preflight('https://app.example.com')).headers['access-control-allow-origin']).toBe(
      'https://app.example.com',
    );
    expect((await preflight('https://evil.example.com')).headers['access-control-allow-origin']).toBeUndefined();
  });
});
