import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { eventually } from '../support/eventually.js';
import { type DemoPerson, startApplication, type TestApplication } from '../support/application.js';

let proviso: TestApplication;

beforeAll(async () => {
  proviso = await startApplication();
});

afterAll(() => proviso.stop());

interface Execution {
  readonly executedRules: string[];
  readonly outcome: string;
  readonly blocked: boolean;
  readonly actions: { readonly parameters: { readonly value?: unknown } }[];
  readonly errors: { readonly code: string; readonly message: string; readonly pointer?: string }[];
}
interface Trial {
  readonly result?: unknown;
  readonly failure?: { readonly code: string; readonly message: string };
  readonly ticks: number;
}

const dataOf = <T>({ body }: Response): T => (body as { data: T }).data;
const post = async (path: string, body: object, email?: DemoPerson): Promise<Response> =>
  proviso.call('post', path, email).send(body);

const makeEntryPoint = async (name: string, failurePolicy = 'fail_open'): Promise<void> => {
  const schema = { type: 'object', properties: { order: { type: 'object' } } };
  const body = { name, schema, writableFields: ['order.tier'], failurePolicy };
  expect((await post('/rules/entry-points', body)).status).toBe(201);
};
const makeFunction = (name: string, source: string, more: object = {}): Promise<Response> =>
  post('/rules/functions', { name, parameters: ['total'], source, publish: true, ...more });
const makeRule = (entryPoint: string, condition: object, more: object = {}): Promise<Response> =>
  post('/business-rules', {
    name: 'Rule',
    entryPoint,
    condition,
    publish: true,
    actions: [{ type: 'set_field', parameters: { field: 'order.tier', value: 'gold' } }],
    ...more,
  });
const execute = async (entryPoint: string, order: object): Promise<Execution> => {
  const response = await post('/rules/engine/execute', { entryPoint, context: { order } });
  expect(response.status).toBe(200);
  return dataOf<Execution>(response);
};
const callOf = (name: string) => ({ fn: [name, { var: 'order.total' }] });

describe('a function from draft to force', () => {
  it('is called by its live version, and every rule set that calls it gets a new one at once', async () => {
    await makeEntryPoint('shop.order.graded');
    const created = await makeFunction('isLarge', 'return total > 100;');
    expect(created.status).toBe(201);
    expect(dataOf(created)).toMatchObject({ name: 'isLarge', version: 1, liveVersion: 1, parameters: ['total'] });
    const { id } = dataOf<{ id: string }>(await makeRule('shop.order.graded', callOf('isLarge')));
    expect((await execute('shop.order.graded', { total: 101 })).executedRules).toEqual([id]);
    expect((await execute('shop.order.graded', { total: 100 })).executedRules).toEqual([]);

    const path = '/rules/functions/isLarge';
    const definition = { parameters: ['total'], source: 'return total > 1000;' };
    const revised = await proviso.call('put', path).set('If-Match', '"1"').send(definition);
    expect(dataOf(revised)).toMatchObject({ version: 2, liveVersion: 1 });
    expect((await execute('shop.order.graded', { total: 101 })).executedRules).toEqual([id]);
    expect((await proviso.call('put', path).set('If-Match', '"1"').send(definition)).status).toBe(412);

    expect(dataOf(await post(`${path}/publish`, {}))).toMatchObject({ version: 2, liveVersion: 2 });
    expect((await execute('shop.order.graded', { total: 101 })).executedRules).toEqual([]);
    const versions = dataOf<{ version: number; source: string }[]>(await proviso.call('get', `${path}/versions`));
    expect(versions.map(({ version }) => version)).toEqual([2, 1]);
    const found = dataOf<{ name: string }[]>(await proviso.call('get', '/rules/functions?search=ISLAR'));
    expect(found.map(({ name }) => name)).toEqual(['isLarge']);
  });

  it('cannot be removed while a rule calls it, and its name is free afterwards', async () => {
    await makeEntryPoint('shop.order.kept');
    await makeFunction('isKept', 'return true;');
    const { id } = dataOf<{ id: string }>(await makeRule('shop.order.kept', callOf('isKept')));
    const refused = await proviso.call('delete', '/rules/functions/isKept');
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'function-in-use', rules: 1 });
    expect((await proviso.call('delete', `/business-rules/${id}`)).status).toBe(200);
    expect((await proviso.call('delete', '/rules/functions/isKept')).status).toBe(200);
    expect((await proviso.call('get', '/rules/functions/isKept')).status).toBe(404);

    await makeFunction('isKept', 'return total === 7;');
    const again = dataOf<{ id: string }>(await makeRule('shop.order.kept', callOf('isKept')));
    expect((await execute('shop.order.kept', { total: 7 })).executedRules).toEqual([again.id]);
    expect((await execute('shop.order.kept', { total: 8 })).executedRules).toEqual([]);
  });

  it('is refused with the place when it cannot be compiled, is taken, or published without permission', async () => {
    const broken = await makeFunction('broken', 'return total +;');
    expect(broken.status).toBe(422);
    expect(broken.body).toMatchObject({ code: 'invalid-function', errors: [{ pointer: '#/source' }] });
    const named = await makeFunction('named', 'return 1;', { parameters: ['total', '1st'] });
    expect(named.body).toMatchObject({ code: 'invalid-function', errors: [{ pointer: '#/parameters/1' }] });
    expect((await makeFunction('while', 'return 1;')).status).toBe(422);
    expect((await makeFunction('taken', 'return 1;')).status).toBe(201);
    expect((await makeFunction('taken', 'return 1;')).body).toMatchObject({ code: 'function-exists' });
    expect((await makeFunction('large', `return "${'é'.repeat(33_000)}";`)).status).toBe(422);
    expect(
      (await post('/rules/functions', { name: 'x', parameters: [], source: '1' }, 'member@demo.test')).status,
    ).toBe(403);
  });

  it('must be published before a rule may call it', async () => {
    await makeEntryPoint('shop.order.strange');
    await makeFunction('drafted', 'return 1;', { publish: false });
    for (const name of ['nowhere', 'drafted', 'constructor']) {
      const refused = await makeRule('shop.order.strange', callOf(name), { publish: false });
      expect(refused.status).toBe(422);
      expect(refused.body).toMatchObject({ code: 'invalid-rule', errors: [{ pointer: '#/condition/fn' }] });
    }
    await post('/rules/functions/drafted/publish', {});
    expect((await makeRule('shop.order.strange', callOf('drafted'))).status).toBe(201);
  });
});

describe('a function that fails', () => {
  it('fails its rule alone where the failure policy is open, and denies where it is closed', async () => {
    await makeFunction('endless', 'for (;;);');
    await makeFunction('thrower', 'throw new RangeError(`no ${total}`);');
    for (const policy of ['fail_open', 'fail_closed']) {
      const name = `shop.${policy}.hostile`;
      await makeEntryPoint(name, policy);
      await makeRule(name, callOf('endless'), { priority: 3 });
      await makeRule(name, callOf('thrower'), { priority: 2 });
      const { id } = dataOf<{ id: string }>(await makeRule(name, { '>': [{ var: 'order.total' }, 1] }));
      const execution = await execute(name, { total: 5 });
      expect(execution.errors.map(({ code, pointer }) => ({ code, pointer }))).toEqual([
        { code: 'function-limit', pointer: '#/condition/fn' },
        { code: 'function-failed', pointer: '#/condition/fn' },
      ]);
      expect(execution.errors[1]!.message).toContain('RangeError: no 5');
      expect(execution).toMatchObject({ executedRules: [id], blocked: policy === 'fail_closed' });
      expect(execution.outcome).toBe(policy === 'fail_closed' ? 'deny' : 'allow');
    }
  });
});

describe('trying', () => {
  it('calls a function with a clock and a seed, saved or not, and tells what failed', async () => {
    await makeFunction('drawn', 'return [total, new Date(), Math.random()];');
    const trial = { args: [3], now: '2026-12-01T00:00:00Z', seed: 'a' };
    const test = async (body: object) => dataOf<Trial>(await post('/rules/functions/drawn/test', body));
    const first = await test(trial);
    expect(first.result).toEqual([3, '2026-12-01T00:00:00.000Z', expect.any(Number)]);
    expect(await test(trial)).toMatchObject({ result: first.result, ticks: first.ticks });
    expect((await test({ ...trial, seed: 'b' })).result).not.toEqual(first.result);
    expect(await test({ args: [], source: 'while (true);' })).toMatchObject({ failure: { code: 'function-limit' } });
    expect((await post('/rules/functions/drawn/test', { args: 3 })).body).toMatchObject({
      code: 'invalid-arguments',
      errors: [{ pointer: '#/args' }],
    });
  });

  it('tests a draft rule with its functions, and counts calls and waiting work', async () => {
    await makeEntryPoint('shop.order.tried');
    await makeFunction('tried', 'return total === 4;');
    const rule = dataOf<{ id: string }>(await makeRule('shop.order.tried', callOf('tried'), { publish: false }));
    for (const total of [4, 5]) {
      const tested = await post(`/business-rules/${rule.id}/test`, { order: { total } });
      expect(dataOf(tested)).toMatchObject({ passed: true, conditionResult: total === 4, errors: [] });
    }
    const metrics = (await proviso.app.inject({ url: '/metrics' })).body;
    expect(metrics).toMatch(/rule_function_calls_total\{outcome="succeeded"\} [1-9]/);
    expect(metrics).toMatch(/rule_function_queue_length 0/);
  });

  it('puts every change on the trail', async () => {
    await makeFunction('traced', 'return 1;');
    await proviso.call('delete', '/rules/functions/traced');
    for (const change of ['created', 'published', 'removed']) {
      await eventually(async () => {
        const path = `/audit/events?type=rules.function-${change}&limit=100`;
        const events = dataOf<{ payload: { name: string } }[]>(await proviso.call('get', path));
        expect(events.map(({ payload }) => payload.name)).toContain('traced');
      });
    }
  });
});
