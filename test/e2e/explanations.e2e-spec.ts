import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { Response } from 'supertest';
import { startApplication, type TestApplication } from '../support/application.js';

let proviso: TestApplication;
const ENTRY_POINT = 'shop.order.explained';

beforeAll(async () => {
  proviso = await startApplication({ RULES_AUDIT_LOGGING: 'matched' });
  const schema = {
    type: 'object',
    required: ['order'],
    properties: {
      order: {
        type: 'object',
        properties: { total: { type: 'number' }, country: { type: 'string' }, lines: { type: 'array' } },
      },
    },
  };
  await post('/rules/entry-points', {
    name: ENTRY_POINT,
    schema,
    writableFields: ['order.discount'],
    failurePolicy: 'fail_open',
  });
});

afterAll(() => proviso.stop());

interface Node {
  readonly operator: string;
  readonly pointer: string;
  readonly state: string;
  readonly value?: unknown;
  readonly reads?: readonly { path: string; value?: unknown }[];
  readonly element?: number;
  readonly parts?: readonly Node[];
}
interface Explained {
  readonly ruleId: string;
  readonly version: number;
  readonly fate: string;
  readonly condition?: readonly Node[];
  readonly error?: { readonly code: string };
  readonly stoppedBy?: string;
  readonly counterfactual?: { readonly found: boolean };
}
interface Explanation {
  readonly fates: Record<string, number>;
  readonly rules: readonly Explained[];
  readonly pages: number;
}

const dataOf = <T>({ body }: Response): T => (body as { data: T }).data;
const post = async (path: string, body: object): Promise<Response> => proviso.call('post', path).send(body);
const get = async (path: string): Promise<Response> => proviso.call('get', path);
const discount = (by: number) => [{ type: 'adjust_field', parameters: { field: 'order.discount', by } }];
const makeRule = async (rule: object): Promise<string> => {
  const response = await post('/business-rules', {
    name: 'Rule',
    entryPoint: ENTRY_POINT,
    publish: true,
    actions: discount(1),
    ...rule,
  });
  expect(response.status).toBe(201);
  return dataOf<{ id: string }>(response).id;
};
const execute = async (order: object): Promise<string> =>
  dataOf<{ executionId: string }>(await post('/rules/engine/execute', { entryPoint: ENTRY_POINT, context: { order } }))
    .executionId;
const explain = async (id: string, query = ''): Promise<Explanation> => {
  const response = await get(`/business-rules/executions/${id}/explain${query}`);
  expect(response.status).toBe(200);
  return dataOf<Explanation>(response);
};

/** A connection as the owner of the database. */
async function ownerOf(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}

describe('a recorded decision', () => {
  it('is explained rule by rule and replayed, also after every rule was changed', async () => {
    const fields = await makeRule({
      priority: 9,
      conditions: [{ field: 'order.total', operator: 'greater_than', value: 100 }],
    });
    const failing = await makeRule({
      priority: 8,
      conditions: [{ field: 'order.missing', operator: 'equals', value: 1 }],
    });
    const lines = await makeRule({
      priority: 7,
      condition: { some: [{ var: 'order.lines' }, { '>': [{ var: 'price' }, 50] }] },
    });
    const later = await makeRule({ priority: 6, validFrom: '2200-01-01T00:00:00Z', condition: true });
    const off = await makeRule({ priority: 6, enabled: false, condition: true });
    const stop = await makeRule({ priority: 5, stopOnMatch: true, condition: { '!!': [{ var: 'order.country' }] } });
    const behind = await makeRule({ priority: 1, condition: true });
    const id = await execute({ total: 120, country: 'DE', lines: [{ price: 10 }, { price: 20 }] });

    const explanation = await explain(id);
    expect(explanation.fates).toEqual({
      matched: 2,
      failed: 1,
      unmatched: 1,
      outside_validity: 1,
      after_stop: 1,
      disabled: 1,
    });
    const of = (ruleId: string): Explained => explanation.rules.find((rule) => rule.ruleId === ruleId)!;
    expect(explanation.rules.map(({ ruleId }) => ruleId)).toEqual([fields, stop, failing, lines, later, behind, off]);
    expect(of(fields).condition).toEqual([
      {
        operator: 'greater_than',
        pointer: '#/conditions/0',
        state: 'true',
        value: true,
        parts: [
          {
            operator: 'field',
            pointer: '#/conditions/0/field',
            state: 'true',
            value: 120,
            reads: [{ path: 'order.total', value: 120 }],
          },
        ],
      },
    ]);
    expect(of(failing)).toMatchObject({
      fate: 'failed',
      error: { code: 'missing-path' },
      condition: [{ state: 'error', parts: [{ state: 'error', reads: [{ path: 'order.missing' }] }] }],
    });
    expect(of(lines).condition).toEqual([
      expect.objectContaining({
        operator: 'some',
        state: 'false',
        parts: [
          expect.objectContaining({
            operator: 'var',
            reads: [{ path: 'order.lines', value: [{ price: 10 }, { price: 20 }] }],
          }),
          expect.objectContaining({
            operator: '>',
            element: 1,
            parts: [expect.objectContaining({ value: 20, element: 1, reads: [{ path: 'price', value: 20 }] })],
          }),
        ],
      }),
    ]);
    expect(of(lines).counterfactual).toBeDefined();
    expect(of(behind)).toMatchObject({ fate: 'after_stop', stoppedBy: stop });

    for (const rule of [fields, failing, lines, later, off, stop, behind]) {
      const revised = await proviso
        .call('put', `/business-rules/${rule}`)
        .send({ name: 'Changed', condition: false, actions: discount(5), publish: true });
      expect(revised.status).toBe(200);
    }
    const replayed = await post(`/business-rules/executions/${id}/replay`, {});
    expect(replayed.status).toBe(200);
    expect(dataOf(replayed)).toMatchObject({ isEqual: true, reason: null, difference: [] });
    expect(await explain(id)).toEqual(explanation);
  });

  it('is explained in pages or for one rule', async () => {
    const id = await execute({ total: 1 });
    const all = await explain(id, '?limit=100');
    const second = await explain(id, '?limit=2&page=2');
    expect(second.rules).toEqual(all.rules.slice(2, 4));
    expect(second.pages).toBe(Math.ceil(all.rules.length / 2));
    const one = all.rules.at(-1)!;
    expect((await explain(id, `?ruleId=${one.ruleId}`)).rules).toEqual([one]);
    expect((await get(`/business-rules/executions/${id}/explain?ruleId=${id}`)).status).toBe(404);
  });

  it('that does not fit its record is shown as a difference; one of an older engine is said', async () => {
    const rule = await makeRule({ condition: { '===': [{ var: 'order.country' }, 'XX'] }, actions: discount(3) });
    const [one] = (await explain(await execute({ country: 'DE' }), `?ruleId=${rule}`)).rules;
    expect(one).toMatchObject({
      fate: 'not_candidate',
      key: { path: 'order.country', values: ['XX'], found: 'DE' },
      counterfactual: { found: true, changes: [{ path: 'order.country', from: 'DE', to: 'XX' }] },
    });
    const id = await execute({ country: 'XX' });
    const client = await ownerOf(proviso.database.url);
    const change = (from: string, to: string) =>
      client.query(
        `update events set payload = convert_to(replace(convert_from(payload, 'UTF8'), $1, $2), 'UTF8') where id = $3`,
        [from, to, id],
      );
    await client.query('alter table events disable trigger user');
    await change('"by":3', '"by":4');
    const replayed = dataOf<{ isEqual: boolean; difference: unknown[] }>(
      await post(`/business-rules/executions/${id}/replay`, {}),
    );
    expect(replayed).toMatchObject({
      isEqual: false,
      reason: null,
      difference: [{ op: 'replace', path: '/effects/0/parameters/by', value: 3 }],
    });
    await change('"semanticsVersion":', '"semanticsVersion":9');
    expect(dataOf(await post(`/business-rules/executions/${id}/replay`, {}))).toMatchObject({
      isEqual: null,
      reason: 'older_semantics',
    });
    await client.end();
  });
});
