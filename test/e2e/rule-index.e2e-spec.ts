import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { startApplication, type TestApplication } from '../support/application.js';

let proviso: TestApplication;

beforeAll(async () => {
  proviso = await startApplication();
});

afterAll(() => proviso.stop());

const NAME = 'shop.parcel.sent';

const settings = (weight: object) => ({
  schema: { type: 'object', properties: { kind: { type: 'string' }, weight } },
  writableFields: ['price'],
  failurePolicy: 'fail_open',
});

interface Execution {
  readonly executionId: string;
  readonly executedRules: string[];
  readonly errors: unknown[];
}
const dataOf = <T>({ body }: Response): T => (body as { readonly data: T }).data;

const execute = async (context: object): Promise<Execution> => {
  const response = await proviso.call('post', '/rules/engine/execute').send({ entryPoint: NAME, context });
  expect(response.status).toBe(200);
  return dataOf(response);
};

const candidatesOf = async (executionId: string): Promise<number> => {
  const response = await proviso.call('get', `/business-rules/executions/${executionId}`);
  return dataOf<{ readonly candidates: unknown[] }>(response).candidates.length;
};

it('rules that the index leaves out are not recorded, and another schema means another index', async () => {
  await proviso.call('post', '/rules/entry-points').send({ name: NAME, ...settings({ type: 'number' }) });
  for (const kind of ['letter', 'box']) {
    const condition = { and: [{ '>': [{ var: 'weight' }, 5] }, { '==': [{ var: 'kind' }, kind] }] };
    const actions = [{ type: 'set_field', parameters: { field: 'price', value: 1 } }];
    const rule = { name: kind, entryPoint: NAME, condition, actions, publish: true };
    expect((await proviso.call('post', '/business-rules').send(rule)).status).toBe(201);
  }
  const light = await execute({ kind: 'box', weight: 3 });
  expect(light.executedRules).toEqual([]);
  expect(await candidatesOf(light.executionId)).toBe(1);

  // Now a weight may be a text, and rules of every kind fail over it.
  await proviso.call('put', `/rules/entry-points/${NAME}`).send(settings({ type: ['number', 'string'] }));
  const heavy = await execute({ kind: 'box', weight: 'heavy' });
  expect(heavy.errors).toHaveLength(2);
  expect(await candidatesOf(heavy.executionId)).toBe(2);
});
