import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { type DemoPerson, startApplication, type TestApplication } from '../support/application.js';
import { eventually } from '../support/eventually.js';

let proviso: TestApplication;

beforeAll(async () => {
  proviso = await startApplication();
});

afterAll(() => proviso.stop());

const ENTRY_POINT = 'shop.order.placed';

interface RuleData {
  readonly id: string;
  readonly key: string;
  readonly version: number;
  readonly liveVersion: number | null;
  readonly name: string;
  readonly priority: number;
  readonly warnings?: string[];
}

const dataOf = <T>({ body }: Response): T => (body as { data: T }).data;
const post = async (path: string, body: object, email?: DemoPerson): Promise<Response> =>
  proviso.call('post', path, email).send(body);
const get = async (path: string, email?: DemoPerson): Promise<Response> => proviso.call('get', path, email);

const entryPoint = (name: string) => ({
  name,
  description: '',
  schema: { type: 'object', properties: { order: { type: 'object' } } },
  writableFields: ['order.discount'],
  failurePolicy: 'fail_open',
});
const discount = (by: number) => [{ type: 'adjust_field', parameters: { field: 'order.discount', by } }];
const definition = (more: object = {}) => ({
  name: 'Large orders',
  condition: { '>': [{ var: 'order.total' }, 100] },
  actions: discount(5),
  ...more,
});
const makeRule = async (more: object = {}): Promise<RuleData> => {
  const response = await post('/business-rules', { ...definition(more), entryPoint: ENTRY_POINT, ...more });
  expect(response.body).toMatchObject({ success: true });
  return dataOf<RuleData>(response);
};

beforeAll(async () => {
  expect((await post('/rules/entry-points', entryPoint(ENTRY_POINT))).status).toBe(201);
});

describe('versions', () => {
  it('differ by what was changed, by default the newest from the live one', async () => {
    const { id } = await makeRule({ publish: true });
    const diff = async (query = '') => get(`/business-rules/${id}/diff${query}`);
    expect(dataOf(await diff())).toEqual({ from: 1, to: 1, patch: [] });
    await proviso.call('put', `/business-rules/${id}`).send(definition({ priority: 7 }));
    await proviso.call('put', `/business-rules/${id}`).send(definition({ priority: 7, actions: discount(6) }));
    const changed = [
      { op: 'replace', path: '/priority', value: 7 },
      { op: 'replace', path: '/actions/0/parameters/by', value: 6 },
    ];
    const whole = dataOf<{ from: number; to: number; patch: unknown[] }>(await diff());
    expect(whole).toMatchObject({ from: 1, to: 3 });
    expect(whole.patch).toEqual(expect.arrayContaining(changed));
    expect(dataOf(await diff('?from=2&to=3'))).toEqual({ from: 2, to: 3, patch: [changed[1]] });
    expect((await diff('?from=9')).body).toMatchObject({
      status: 422,
      code: 'unknown-version',
      errors: [{ parameter: 'from' }],
    });
    expect((await get(`/business-rules/${id}/diff`, 'owner@second.test')).status).toBe(404);
  });

  it('come back exactly: the effects of the decisions are the same, byte for byte', async () => {
    const { id } = await makeRule({ publish: true });
    const decide = async (): Promise<string> => {
      const body = { entryPoint: ENTRY_POINT, context: { order: { total: 120, discount: 1 } } };
      const { executedRules, actions, errors } = dataOf<Record<string, unknown[]>>(
        await post('/rules/engine/execute', body),
      );
      return JSON.stringify([executedRules, actions, errors]);
    };
    const before = await eventually(async () => {
      const answer = await decide();
      expect(answer).toContain(id);
      return answer;
    });
    await proviso.call('put', `/business-rules/${id}`).send(definition({ actions: discount(50), publish: true }));
    expect(await decide()).not.toBe(before);
    const rolledBack = await proviso
      .call('post', `/business-rules/${id}/rollback`)
      .set('If-Match', '"2"')
      .send({ version: 1, publish: true });
    expect(dataOf(rolledBack)).toMatchObject({ version: 3, liveVersion: 3 });
    expect(await decide()).toBe(before);
    expect(dataOf(await get(`/business-rules/${id}/diff?from=1&to=3`))).toEqual({ from: 1, to: 3, patch: [] });
    const events = dataOf<{ payload: object }[]>(
      await get(`/audit/events?stream=rule:${id}&type=rules.rule-revised`, 'auditor@demo.test'),
    );
    expect(events[0]).toMatchObject({ payload: { version: 3, restores: 1 } });
  });

  it('are gone back to only when they are there, by whoever may', async () => {
    const { id } = await makeRule();
    const rollBack = (body: object, email: DemoPerson = 'owner@demo.test') =>
      proviso.call('post', `/business-rules/${id}/rollback`, email).send(body);
    expect((await rollBack({ version: 2 })).body).toMatchObject({
      status: 422,
      code: 'unknown-version',
      errors: [{ pointer: '#/version' }],
    });
    expect((await rollBack({ version: 1 }).set('If-Match', '"4"')).status).toBe(412);
    expect((await rollBack({ version: 1 }, 'member@demo.test')).status).toBe(403);
    expect((await rollBack({ version: 1 }, 'owner@second.test')).status).toBe(404);
  });
});

describe('two editors at once', () => {
  it('lose nothing: with If-Match one wins and the others get 412', async () => {
    const { id } = await makeRule();
    const save = (priority: number) =>
      proviso.call('put', `/business-rules/${id}`).set('If-Match', '"1"').send(definition({ priority }));
    const statuses = (await Promise.all([1, 2, 3, 4, 5, 6].map(save))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 412, 412, 412, 412, 412]);
    expect(dataOf(await get(`/business-rules/${id}`))).toMatchObject({ version: 2 });
  });

  it('lose nothing: without it each version is kept, one after the other', async () => {
    const { id } = await makeRule();
    const priorities = [11, 12, 13, 14, 15, 16];
    const answers = await Promise.all(
      priorities.map((priority) => proviso.call('put', `/business-rules/${id}`).send(definition({ priority }))),
    );
    const saved = answers.filter(({ status }) => status === 200).map((answer) => dataOf<RuleData>(answer));
    expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 409)).toEqual([]);
    const versions = dataOf<RuleData[]>(await get(`/business-rules/${id}/versions`));
    expect(versions.map(({ version }) => version)).toEqual(
      Array.from({ length: saved.length + 1 }, (_, index) => saved.length + 1 - index),
    );
    for (const { version, priority } of saved) {
      expect(versions.find((kept) => kept.version === version)?.priority).toBe(priority);
    }
  });
});

it('an entry point with 50 rules is warned about', async () => {
  const name = 'shop.order.many';
  await post('/rules/entry-points', entryPoint(name));
  const rules = Array.from({ length: 48 }, (_, index) => ({ ...definition(), key: `many-${index}`, entryPoint: name }));
  const bundle = { format: 'proviso-rules', formatVersion: 1, entryPoints: [], rules };
  expect((await post('/business-rules/import', { bundle })).status).toBe(200);
  expect((await makeRule({ entryPoint: name })).warnings).toBeUndefined();
  const fiftieth = await makeRule({ entryPoint: name });
  expect(fiftieth.warnings).toEqual([expect.stringContaining(`${name} has 50 rules`)]);
  expect(dataOf(await post(`/business-rules/${fiftieth.id}/publish`, {}))).toMatchObject({
    warnings: [expect.stringContaining('50 rules')],
  });
});
