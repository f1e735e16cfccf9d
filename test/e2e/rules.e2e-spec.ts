import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { type DemoPerson, startApplication, type TestApplication } from '../support/application.js';
import { eventually } from '../support/eventually.js';

let proviso: TestApplication;

beforeAll(async () => {
  proviso = await startApplication();
});

afterAll(() => proviso.stop());

interface Answer<T> {
  readonly data: T;
}
interface RuleData {
  readonly id: string;
  readonly version: number;
  readonly liveVersion: number | null;
}
interface ExecutionData {
  readonly executionId: string;
  readonly outcome: string;
  readonly blocked: boolean;
  readonly executedRules: string[];
  readonly actions: { readonly parameters: unknown; readonly applied: boolean }[];
  readonly errors: { readonly message: string }[];
}

const dataOf = <T>({ body }: Response): T => (body as Answer<T>).data;
const post = async (path: string, body: object, email?: DemoPerson): Promise<Response> =>
  proviso.call('post', path, email).send(body);
const get = async (path: string, email?: DemoPerson): Promise<Response> => proviso.call('get', path, email);

const makeEntryPoint = async (name: string, failurePolicy = 'fail_open'): Promise<void> => {
  const schema = { type: 'object', required: ['order'], properties: { order: { type: 'object' } } };
  const body = { name, schema, writableFields: ['order.discount', 'order.points'], failurePolicy };
  expect((await post('/rules/entry-points', body)).status).toBe(201);
};
const discount = (by: number) => [{ type: 'adjust_field', parameters: { field: 'order.discount', by } }];
const makeRule = async (entryPoint: string, rule: object): Promise<RuleData> => {
  const response = await post('/business-rules', {
    name: 'Rule',
    entryPoint,
    publish: true,
    actions: discount(1),
    ...rule,
  });
  expect(response.body).toMatchObject({ success: true });
  return dataOf<RuleData>(response);
};
const execute = async (entryPoint: string, order: object, more: object = {}): Promise<ExecutionData> => {
  const response = await post('/rules/engine/execute', { entryPoint, context: { order }, ...more });
  expect(response.status).toBe(200);
  return dataOf<ExecutionData>(response);
};

describe('a rule from draft to force', () => {
  it('takes part once published, keeps its live version while drafts are saved, and leaves when deactivated', async () => {
    await makeEntryPoint('shop.order.placed');
    const condition = { '>': [{ var: 'order.total' }, 100] };
    const rule = await makeRule('shop.order.placed', { condition, publish: false });
    expect(rule).toMatchObject({ version: 1, liveVersion: null });
    expect((await execute('shop.order.placed', { total: 120 })).executedRules).toEqual([]);

    expect((await post(`/business-rules/${rule.id}/publish`, {})).status).toBe(200);
    await eventually(async () =>
      expect((await execute('shop.order.placed', { total: 120 })).executedRules).toEqual([rule.id]),
    );

    const revised = await proviso
      .call('put', `/business-rules/${rule.id}`)
      .set('If-Match', '"1"')
      .send({ name: 'Rule', condition: { '>': [{ var: 'order.total' }, 1000] }, actions: discount(1) });
    expect(dataOf<RuleData>(revised)).toMatchObject({ version: 2, liveVersion: 1 });
    expect((await execute('shop.order.placed', { total: 120 })).executedRules).toEqual([rule.id]);

    const second = await proviso
      .call('put', `/business-rules/${rule.id}`)
      .set('If-Match', '"1"')
      .send({ name: 'Rule', condition, actions: discount(1) });
    expect(second.status).toBe(412);

    expect((await post(`/business-rules/${rule.id}/deactivate`, {})).status).toBe(200);
    await eventually(async () =>
      expect((await execute('shop.order.placed', { total: 9999 })).executedRules).toEqual([]),
    );
    const versions = dataOf<{ version: number }[]>(await get(`/business-rules/${rule.id}/versions`));
    expect(versions.map(({ version }) => version)).toEqual([2, 1]);
  });

  it('is refused with the place of each fault', async () => {
    const response = await post('/business-rules', {
      name: 'Faulty',
      entryPoint: 'shop.order.placed',
      condition: { constructor: [1] },
      actions: [
        { type: 'set_field', parameters: { field: 'order.total', value: 1 } },
        { type: 'no_such_type', parameters: {} },
      ],
    });
    expect(response.status).toBe(422);
    const { errors } = response.body as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['#/condition/constructor', '#/actions/1/type', '#/actions/0/parameters']),
    );
  });
});

describe('a decision', () => {
  it('is recorded before it is answered, whole, with keys called constructor and toString', async () => {
    await makeEntryPoint('shop.order.weird');
    const { id } = await makeRule('shop.order.weird', {
      condition: { and: [{ '==': [{ var: 'constructor' }, 'acme'] }, { '==': [{ var: 'toString' }, 'q'] }] },
    });
    const context = { order: {}, constructor: 'acme', toString: 'q', then: 1 };
    const executed = await eventually(async () => {
      const response = await post('/rules/engine/execute', { entryPoint: 'shop.order.weird', context });
      const data = dataOf<ExecutionData>(response);
      expect(data.executedRules).toEqual([id]);
      return data;
    });
    const recorded = await get(`/business-rules/executions/${executed.executionId}`);
    expect(recorded.status).toBe(200);
    expect(dataOf<object>(recorded)).toMatchObject({
      context,
      outcome: 'allow',
      candidates: [[id, 1, 2, expect.any(String)]],
    });
    const history = dataOf<{ executionId: string; contextSnapshot: unknown }[]>(
      await get(`/business-rules/execution-history?ruleId=${id}`),
    );
    expect(history[0]).toMatchObject({ executionId: executed.executionId, contextSnapshot: context });
  });

  it('lets a failing rule fail alone where that is the policy, and denies where it is not', async () => {
    for (const [name, policy] of [
      ['shop.order.open', 'fail_open'],
      ['shop.order.closed', 'fail_closed'],
    ] as const) {
      await makeEntryPoint(name, policy);
      const failing = await makeRule(name, { conditions: [{ field: 'order.missing', operator: 'equals', value: 1 }] });
      const sound = await makeRule(name, { condition: { '==': [1, 1] } });
      await eventually(async () => {
        const { outcome, blocked, executedRules, errors } = await execute(name, { total: 1 });
        expect(executedRules).toEqual([sound.id]);
        expect(errors.map(({ message }) => message.slice(0, 36))).toEqual([failing.id]);
        expect({ outcome, blocked }).toEqual(
          policy === 'fail_open' ? { outcome: 'allow', blocked: false } : { outcome: 'deny', blocked: true },
        );
      });
    }
  });

  it('is neither recorded nor repeated by a dry run', async () => {
    const { executionId } = await execute('shop.order.open', {}, { dryRun: true });
    expect((await get(`/business-rules/executions/${executionId}`)).status).toBe(404);
  });

  it('names every violation of the schema and runs nothing', async () => {
    const response = await post('/rules/engine/execute', { entryPoint: 'shop.order.open', context: { order: 7 } });
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'invalid-context', errors: [{ pointer: '#/context/order' }] });
  });
});

describe('trying a rule', () => {
  it('answers as the source does, and writes nothing', async () => {
    const rule = await makeRule('shop.order.open', {
      publish: false,
      conditions: [
        { field: 'order.size', operator: 'equals', value: 'large' },
        { field: 'order.total', operator: 'greater_than', value: 10, logicalOperator: 'AND' },
      ],
    });
    const attempt = async (order: object) => dataOf<object>(await post(`/business-rules/${rule.id}/test`, { order }));
    expect(await attempt({ size: 'large', total: 11 })).toMatchObject({
      passed: true,
      conditionResult: true,
      errors: [],
    });
    expect(await attempt({ size: 'small', total: 11 })).toEqual({
      passed: true,
      conditionResult: false,
      actionResults: [],
      errors: [],
    });
    expect(await attempt({ total: 11 })).toMatchObject({ passed: false, conditionResult: false });
  });
});

describe('another organization', () => {
  it('finds neither rule, entry point nor decision', async () => {
    const stranger = 'owner@second.test';
    const rule = await makeRule('shop.order.open', { condition: { '==': [1, 1] } });
    const { executionId } = await execute('shop.order.open', {});
    for (const path of [
      `/business-rules/${rule.id}`,
      `/business-rules/${rule.id}/versions`,
      `/business-rules/executions/${executionId}`,
    ]) {
      expect((await get(path, stranger)).status).toBe(404);
    }
    const execution = { entryPoint: 'shop.order.open', context: { order: {} } };
    expect((await post('/rules/engine/execute', execution, stranger)).status).toBe(404);
    expect((await post(`/business-rules/${rule.id}/publish`, {}, stranger)).status).toBe(404);
    expect(dataOf<unknown[]>(await get('/business-rules', stranger))).toEqual([]);
  });
});
