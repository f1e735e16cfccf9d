import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { startApplication, type TestApplication } from '../support/application.js';

let proviso: TestApplication;

const ENTRY_POINT = 'shop.order.placed';

const post = async (path: string, body: object): Promise<Response> => proviso.call('post', path).send(body);
/** Sends a body as it stands, which may be no JSON. */
const send = async (
  path: string,
  payload: string | Buffer,
): Promise<{ status: number; code: string; errors?: object[] }> => {
  const headers = { authorization: `Bearer ${proviso.token('owner@demo.test')}`, 'content-type': 'application/json' };
  const response = await proviso.app.inject({ method: 'POST', url: `/api/v1${path}`, headers, payload });
  return { ...response.json<{ code: string; errors?: object[] }>(), status: response.statusCode };
};
const executeText = (context: string) =>
  send('/rules/engine/execute', `{"entryPoint":"${ENTRY_POINT}","context":${context}}`);
const nested = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

const rule = (more: object) => ({
  name: 'Rule',
  entryPoint: ENTRY_POINT,
  condition: true,
  actions: [{ type: 'set_outcome', parameters: { outcome: 'review' } }],
  ...more,
});
const entryPoint = (name: string, schema: object) => ({ name, schema, writableFields: [], failurePolicy: 'fail_open' });

beforeAll(async () => {
  proviso = await startApplication({ RULES_MAX_PER_ENTITY: '3' });
  expect((await post('/rules/entry-points', entryPoint(ENTRY_POINT, { type: 'object' }))).status).toBe(201);
});

afterAll(() => proviso.stop());

describe('a context', () => {
  it('has 256 KiB at most, counted in bytes, alone and in a batch', async () => {
    const context = (length: number, letter = 'x') => ({ text: letter.repeat(length) });
    const limit = 256 * 1024 - '{"text":""}'.length;
    const body = (given: object) => ({ entryPoint: ENTRY_POINT, context: given });
    expect((await post('/rules/engine/execute', body(context(limit)))).status).toBe(200);
    expect((await post('/rules/engine/execute', body(context(limit + 1)))).body).toMatchObject({
      status: 413,
      code: 'context-too-large',
      errors: [{ pointer: '#/context' }],
    });
    expect((await post('/rules/engine/execute', body(context(limit / 2 + 1, 'é')))).status).toBe(413);
    const contexts = [{ context: {} }, { context: context(limit + 1) }, { context: {} }];
    const batch = await post('/rules/engine/execute-batch', { entryPoint: ENTRY_POINT, contexts });
    const { results } = (batch.body as { data: { results: { status: number }[] } }).data;
    expect(results.map(({ status }) => status)).toEqual([200, 413, 200]);
  });

  it('stands 64 deep at most with its body', async () => {
    expect((await executeText(nested(63))).status).toBe(200);
    expect(await executeText(nested(64))).toMatchObject({ status: 400, code: 'too-deep' });
    expect(await executeText(nested(50_000))).toMatchObject({ status: 400, code: 'too-deep' });
  });

  it.each([
    ['__proto__', '{"a":[{"__proto__":{"x":1}}]}', 'forbidden-member', '#/context/a/0/__proto__'],
    ['constructor.prototype', '{"constructor":{"prototype":{}}}', 'forbidden-member', '#/context/constructor'],
    ['a number beyond the range', '{"n":1e999}', 'number-too-large', '#/context/n'],
    ['half of a surrogate pair', '{"t":"\\ud800"}', 'lone-surrogate', '#/context/t'],
    ['NUL', '{"t":"\\u0000"}', 'nul-character', '#/context/t'],
  ])('is refused with %s, at its place', async (_, context, code, pointer) => {
    expect(await executeText(context)).toMatchObject({ status: 400, code, errors: [{ pointer }] });
  });

  it('is refused when it is no JSON or no UTF-8', async () => {
    expect(await executeText('{"n":NaN}')).toMatchObject({ status: 400, code: 'body-is-no-json' });
    const bytes = Buffer.concat([Buffer.from(`{"entryPoint":"${ENTRY_POINT}","context":{"t":"`), Buffer.from([0xff])]);
    const text = Buffer.concat([bytes, Buffer.from('"}}')]);
    expect(await send('/rules/engine/execute', text)).toMatchObject({ status: 400, code: 'body-is-no-utf-8' });
  });

  it('comes in a body of 1 MiB at most', async () => {
    expect(await executeText(`{"t":"${'x'.repeat(1024 * 1024)}"}`)).toMatchObject({
      status: 413,
      code: 'body-too-large',
    });
  });
});

describe('regular expressions', () => {
  const bomb = '^(a+)+$';
  const text = `${'a'.repeat(100_000)}!`;

  it('take time in proportion to the text, in rules and in schemas', async () => {
    const schema = { type: 'object', properties: { text: { type: 'string', pattern: bomb } } };
    expect((await post('/rules/entry-points', entryPoint('shop.text.given', schema))).status).toBe(201);
    const conditions = [{ field: 'text', operator: 'matches', value: bomb }];
    const made = await post('/business-rules', rule({ condition: undefined, conditions, publish: true }));
    expect(made.status).toBe(201);
    const start = performance.now();
    const inRule = await post('/rules/engine/execute', { entryPoint: ENTRY_POINT, context: { text } });
    expect(inRule.body).toMatchObject({ data: { executedRules: [], errors: [] } });
    const inSchema = await post('/rules/engine/execute', { entryPoint: 'shop.text.given', context: { text } });
    expect(inSchema.body).toMatchObject({ status: 422, errors: [{ pointer: '#/context/text' }] });
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('that look around or back are refused with their place', async () => {
    for (const value of ['a(?=b)', '(a)\\1']) {
      const conditions = [{ field: 'text', operator: 'matches', value }];
      expect((await post('/business-rules', rule({ condition: undefined, conditions }))).body).toMatchObject({
        status: 422,
        errors: [{ pointer: expect.stringMatching(/^#\/conditions\/0/) as unknown }],
      });
      const schema = { type: 'object', properties: { text: { type: 'string', pattern: value } } };
      expect((await post('/rules/entry-points', entryPoint('shop.text.back', schema))).body).toMatchObject({
        status: 422,
        errors: [{ pointer: '#/schema' }],
      });
    }
  });
});

it('an entry point has as many rules at most as it may, by single rules and by a bundle', async () => {
  const name = 'shop.order.few';
  await post('/rules/entry-points', entryPoint(name, { type: 'object' }));
  for (let index = 0; index < 2; index++) {
    expect((await post('/business-rules', rule({ entryPoint: name }))).status).toBe(201);
  }
  const { entryPoint: _, ...bundled } = rule({});
  const rules = ['one', 'two'].map((key) => ({ ...bundled, key, entryPoint: name }));
  const bundle = { format: 'proviso-rules', formatVersion: 1, entryPoints: [], rules };
  expect((await post('/business-rules/import', { bundle })).body).toMatchObject({
    status: 409,
    code: 'too-many-rules',
  });
  expect((await post('/business-rules', rule({ entryPoint: name }))).status).toBe(201);
  expect((await post('/business-rules', rule({ entryPoint: name }))).body).toMatchObject({
    status: 409,
    code: 'too-many-rules',
  });
});
