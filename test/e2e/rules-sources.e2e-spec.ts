import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { startApplication, type TestApplication } from '../support/application.js';

let proviso: TestApplication;

beforeAll(async () => {
  proviso = await startApplication();
});

afterAll(() => proviso.stop());

const dataOf = <T>({ body }: Response): T => (body as { data: T }).data;
const post = async (path: string, body: object): Promise<Response> => proviso.call('post', path).send(body);
const get = async (path: string): Promise<Response> => proviso.call('get', path);

interface Execution {
  readonly executedRules: string[];
  readonly actions: { readonly type: string; readonly status: string }[];
  readonly errors: { readonly ruleId: string; readonly message: string }[];
}

let points = 0;
/** An entry point of its own that takes the sources' leads as they are. */
const makeEntryPoint = async (): Promise<string> => {
  points += 1;
  const name = `kitchen.lead.case-${points}`;
  const response = await post('/rules/entry-points', {
    name,
    schema: { type: 'object' },
    writableFields: ['priority', 'status'],
    failurePolicy: 'fail_open',
  });
  expect(response.status).toBe(201);
  return name;
};

const enterprise = { field: 'company.size', operator: 'equals', value: 'enterprise' };
const scoreAbove = (value: number, logicalOperator: 'AND' | 'OR') => ({
  field: 'score',
  operator: 'greater_than',
  value,
  logicalOperator,
});
const highPriority = { type: 'set_field', parameters: { field: 'priority', value: 'high' } };
const followUp = { type: 'create_task', parameters: { title: 'Follow up' } };

const makeRule = async (entryPoint: string, conditions: object[], actions: object[] = [highPriority]) =>
  dataOf<{ id: string }>(
    await post('/business-rules', { name: 'Case', entryPoint, priority: 100, publish: true, conditions, actions }),
  ).id;
const execute = async (entryPoint: string, context: object): Promise<Execution> =>
  dataOf<Execution>(await post('/rules/engine/execute', { entryPoint, context }));

describe('the cases of the sources', () => {
  it('a list joined by AND holds when all of it holds, and both actions are answered', async () => {
    const entryPoint = await makeEntryPoint();
    const id = await makeRule(entryPoint, [enterprise, scoreAbove(70, 'AND')], [highPriority, followUp]);
    const { executedRules, actions, errors } = await execute(entryPoint, {
      company: { size: 'enterprise' },
      score: 85,
    });
    expect(executedRules).toEqual([id]);
    expect(actions.map(({ type, status }) => [type, status])).toEqual([
      ['set_field', 'effective'],
      ['create_task', 'effective'],
    ]);
    expect(errors).toEqual([]);
    expect((await execute(entryPoint, { company: { size: 'enterprise' }, score: 70 })).executedRules).toEqual([]);
  });

  it('a list joined by OR holds when a part of it holds', async () => {
    const entryPoint = await makeEntryPoint();
    const id = await makeRule(entryPoint, [enterprise, scoreAbove(90, 'OR')]);
    expect((await execute(entryPoint, { company: { size: 'small' }, score: 85 })).executedRules).toEqual([]);
    expect((await execute(entryPoint, { company: { size: 'small' }, score: 91 })).executedRules).toEqual([id]);
    expect((await execute(entryPoint, { company: { size: 'enterprise' }, score: 1 })).executedRules).toEqual([id]);
  });

  it('a missing field fails its rule alone, with one error that names it', async () => {
    const entryPoint = await makeEntryPoint();
    const faulty = await makeRule(entryPoint, [{ field: 'nonexistent.field', operator: 'equals', value: 'test' }]);
    const alone = await execute(entryPoint, { company: { size: 'small' } });
    expect(alone.executedRules).toEqual([]);
    expect(alone.errors).toHaveLength(1);
    expect(alone.errors[0]!.message).toContain(faulty);
    expect(alone.errors[0]!.message).toContain('nonexistent.field');
    const sound = await makeRule(entryPoint, [{ ...enterprise, value: 'small' }]);
    const beside = await execute(entryPoint, { company: { size: 'small' } });
    expect(beside.executedRules).toEqual([sound]);
    expect(beside.errors.map(({ ruleId }) => ruleId)).toEqual([faulty]);
  });

  it('trying a rule tells whether it passed, its condition, what its actions do, and errors', async () => {
    const entryPoint = await makeEntryPoint();
    const id = await makeRule(entryPoint, [enterprise, scoreAbove(70, 'AND')]);
    const attempt = async (context: object) => dataOf<object>(await post(`/business-rules/${id}/test`, context));
    expect(await attempt({ company: { size: 'enterprise' }, score: 85 })).toMatchObject({
      passed: true,
      conditionResult: true,
      actionResults: [{ type: 'set_field', parameters: highPriority.parameters }],
      errors: [],
    });
    expect(await attempt({ company: { size: 'small' }, score: 85 })).toEqual({
      passed: true,
      conditionResult: false,
      actionResults: [],
      errors: [],
    });
    const failed = await attempt({ score: 85 });
    expect(failed).toMatchObject({ passed: false, conditionResult: false, actionResults: [] });
    expect(failed).toHaveProperty('errors', [expect.stringContaining('company.size')]);
  });
});

describe('the names of the sources', () => {
  const rule = { name: 'Alias', conditions: [{ field: 'lead.company.size', operator: 'equals', value: 'small' }] };
  const actions = [{ type: 'adjust_field', parameters: { field: 'lead.score', by: 1 } }];

  it('are taken instead of our own, in bodies and queries', async () => {
    const made = await post('/business-rules', {
      ...rule,
      actions,
      entity_type: 'lead',
      is_active: true,
      valid_from: '2026-01-01T00:00:00Z',
      valid_until: '2099-01-01T00:00:00Z',
    });
    expect(dataOf<object>(made)).toMatchObject({
      entryPoint: 'crm.lead.created',
      enabled: true,
      validFrom: '2026-01-01T00:00:00Z',
      liveVersion: 1,
    });
    const { id } = dataOf<{ id: string }>(made);
    const listed = dataOf<{ id: string }[]>(await get('/business-rules?entity_type=lead&is_active=true&limit=100'));
    expect(listed.map((each) => each.id)).toContain(id);
    expect(dataOf<unknown[]>(await get('/business-rules?entity_type=lead&is_active=false'))).toEqual([]);
    const data = { lead: { company: { size: 'small' } } };
    const executed = await post('/rules/engine/execute', { entity_type: 'lead', data });
    expect(dataOf<Execution>(executed).executedRules).toContain(id);
    const history = await proviso.call('get', `/business-rules/execution-history?rule_id=${id}`, 'auditor@demo.test');
    expect(dataOf<object[]>(history)).toHaveLength(1);
    const disabled = { name: 'Alias', conditions: rule.conditions, actions, active: false };
    const revised = await proviso.call('put', `/business-rules/${id}`).send(disabled);
    expect(dataOf<object>(revised)).toMatchObject({ enabled: false });
  });

  it('are refused beside our own, with their place', async () => {
    const body = { ...rule, actions, entity: 'lead', entity_type: 'lead' };
    expect((await post('/business-rules', body)).body).toMatchObject({
      status: 400,
      errors: [{ pointer: '#/entity_type' }],
    });
    const execution = { entity: 'lead', entity_type: 'lead', data: { lead: {} } };
    expect((await post('/rules/engine/execute', execution)).body).toMatchObject({
      status: 400,
      errors: [{ pointer: '#/entity_type' }],
    });
    expect((await get('/business-rules?entity=lead&entity_type=lead')).status).toBe(400);
  });
});
