import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { UnitOfWork } from '../../src/audit/audit.contract.js';
import { systemActor } from '../../src/identity/identity.contract.js';
import { newId } from '../../src/kernel/id.js';
import { EntryPoints, SubjectDecisions, type OwnedEntryPoint } from '../../src/rules/rules.contract.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { readRows } from '../support/read-rows.js';

let proviso: TestApplication;

interface Execution {
  readonly executionId: string;
  readonly outcome: string;
  readonly blocked: boolean;
  readonly executedRules: string[];
  readonly actions: { readonly applied: boolean; readonly status: string; readonly result?: unknown }[];
  readonly errors: { readonly ruleId: string; readonly code: string; readonly message: string }[];
}
interface Batch {
  readonly succeeded: number;
  readonly failed: number;
  readonly results: { status: number; execution?: Execution; problem?: { code: string; errors?: object[] } }[];
}

const dataOf = <T>({ body }: Response): T => (body as { data: T }).data;
const post = async (path: string, body: object): Promise<Response> => proviso.call('post', path).send(body);
const get = async (path: string): Promise<Response> => proviso.call('get', path);
const execute = async (body: object): Promise<Execution> =>
  dataOf<Execution>(await post('/rules/engine/execute', body));
const executeBatch = async (body: object): Promise<Batch> =>
  dataOf<Batch>(await post('/rules/engine/execute-batch', body));

const SHOP = 'shop.order.placed';
const LEAD = 'crm.lead.created';

const addPoints = (by: number, field = 'order.points') => ({ type: 'adjust_field', parameters: { field, by } });
const makeRule = async (entryPoint: string, rule: object): Promise<string> => {
  const body = { name: 'Rule', entryPoint, publish: true, condition: true, actions: [addPoints(1)], ...rule };
  const response = await post('/business-rules', body);
  expect(response.body).toMatchObject({ success: true });
  return dataOf<{ id: string }>(response).id;
};
const archive = async (id: string): Promise<void> => {
  expect((await proviso.call('delete', `/business-rules/${id}`)).status).toBe(200);
};
let made = 0;
const makeLead = async (): Promise<string> => {
  made += 1;
  const contact = { firstName: 'Ann', lastName: `Lee ${made}`, email: `ann.${made}@bistro.example` };
  const response = await post('/leads', { source: 'website', company: { name: `Bistro ${made}` }, contact });
  return dataOf<{ id: string }>(response).id;
};
const leadScore = async (id: string): Promise<number> => dataOf<{ score: number }>(await get(`/leads/${id}`)).score;
const recordsAbout = (id: string): Promise<{ outcome: string; effects: string }[]> =>
  readRows(
    proviso.database.url,
    `select convert_from(payload, 'UTF8')::json ->> 'outcome' as outcome,
       convert_from(payload, 'UTF8')::json ->> 'effects' as effects
     from events where type = 'rules.executed' and subject_id = $1 order by occurred_at`,
    [id],
  );

beforeAll(async () => {
  proviso = await startApplication();
  const schema = { type: 'object', properties: { order: { type: 'object' } }, required: ['order'] };
  const writableFields = ['order.points'];
  await post('/rules/entry-points', { name: SHOP, schema, writableFields, failurePolicy: 'fail_open' });
  // Nothing but the rules of each test decides about leads, once those that the demo brought have had their turn.
  const shipped = dataOf<{ id: string }[]>(await get(`/business-rules?entryPoint=${LEAD}&limit=100`));
  for (const { id } of shipped) await archive(id);
});

afterAll(() => proviso.stop());

describe('a batch', () => {
  it('answers each context in order, and a wrong one fails alone', async () => {
    const id = await makeRule(SHOP, { condition: { '>': [{ var: 'order.total' }, 100] } });
    const contexts = Array.from({ length: 500 }, (_, index) => ({
      context: index === 250 ? { order: 7 } : { order: { total: index } },
      ...(index === 0 && { correlationId: 'batch-item-0000' }),
    }));
    const { succeeded, failed, results } = await executeBatch({ entryPoint: SHOP, contexts });
    expect({ succeeded, failed }).toEqual({ succeeded: 499, failed: 1 });
    expect(results.map(({ execution }) => execution?.executedRules.length)).toEqual(
      contexts.map((_, index) => (index === 250 ? undefined : Number(index > 100))),
    );
    expect(results[250]).toMatchObject({
      status: 422,
      problem: { code: 'invalid-context', errors: [{ pointer: '#/context/order' }] },
    });
    const ids = results.flatMap(({ execution }) => execution?.executionId ?? []);
    const recorded = await readRows<{ id: string; correlation_id: string }>(
      proviso.database.url,
      'select id, correlation_id from events where id = any($1)',
      [ids],
    );
    expect(recorded).toHaveLength(499);
    expect(recorded.find((row) => row.id === ids[0])?.correlation_id).toBe('batch-item-0000');
    await archive(id);
  });

  it('answers as single calls do, records nothing in a dry run, and knows its limits', async () => {
    const id = await makeRule(SHOP, { condition: { '>': [{ var: 'order.total' }, 100] } });
    const context = { order: { total: 120 } };
    const single = await execute({ entryPoint: SHOP, context, dryRun: true });
    const { results } = await executeBatch({ entryPoint: SHOP, contexts: [{ context }], dryRun: true });
    const { executionId, timings: _, ...answer } = results[0]!.execution as Execution & { timings: object };
    expect(single).toMatchObject(answer);
    expect((await get(`/business-rules/executions/${executionId}`)).status).toBe(404);
    const refused = async (contexts: object[]) =>
      (await post('/rules/engine/execute-batch', { entryPoint: SHOP, contexts })).status;
    expect(await refused([])).toBe(400);
    expect(await refused(Array<object>(501).fill({ context }))).toBe(400);
    expect(await refused([{ context, extra: 1 }])).toBe(400);
    const unknown = { entryPoint: 'shop.no.where', contexts: [{ context }] };
    expect((await post('/rules/engine/execute-batch', unknown)).status).toBe(404);
    await archive(id);
  });

  it('decides about rows one after the other, and a failing one undoes no other', async () => {
    const id = await makeRule(LEAD, { actions: [addPoints(10, 'lead.score')] });
    const lead = await makeLead();
    const item = (subjectId: string) => ({ context: {}, subject: { type: 'lead', id: subjectId } });
    const before = await eventually(async () => {
      const score = await leadScore(lead);
      expect(score).toBe(10);
      return score;
    });
    const contexts = [item(lead), item(newId()), item(lead), { context: { lead: {} } }, item(lead)];
    const { results } = await executeBatch({ entryPoint: LEAD, contexts });
    expect(results.map(({ status }) => status)).toEqual([200, 404, 200, 200, 200]);
    expect(await leadScore(lead)).toBe(before + 30);
    await archive(id);
  });
});

describe('a decision about a row', () => {
  it('loses no update when 50 come at once', async () => {
    const id = await makeRule(LEAD, { actions: [addPoints(1, 'lead.score')] });
    const lead = await makeLead();
    await eventually(async () => expect(await leadScore(lead)).toBe(1));
    const subject = { type: 'lead', id: lead };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post('/rules/engine/execute', { entryPoint: LEAD, context: {}, subject })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(50).fill(200));
    expect(await leadScore(lead)).toBe(51);
    const results = answers.map((answer) => dataOf<Execution>(answer).actions[0]!.result);
    expect(new Set(results).size).toBe(50);
    await archive(id);
  });

  it('knows the row as its owner has it, whatever the caller says of it', async () => {
    const id = await makeRule(LEAD, {
      condition: { '>': [{ var: 'lead.score' }, 90] },
      actions: [{ type: 'set_outcome', parameters: { outcome: 'review' } }],
    });
    const lead = await makeLead();
    const context = { lead: { score: 99, company: { name: 'Other' } } };
    expect((await execute({ entryPoint: LEAD, context })).outcome).toBe('review');
    const execution = await execute({ entryPoint: LEAD, context, subject: { type: 'lead', id: lead } });
    expect(execution).toMatchObject({ outcome: 'allow', executedRules: [] });
    const recorded = dataOf<{ context: { lead: { score: number } } }>(
      await get(`/business-rules/executions/${execution.executionId}`),
    );
    expect(recorded.context.lead).toMatchObject({ id: lead, score: 0 });
    await archive(id);
  });

  it('undoes all effects when one fails, and leaves exactly one record that says so', async () => {
    const stranger = newId();
    const lead = await makeLead();
    await eventually(async () => expect(await recordsAbout(lead)).toHaveLength(1));
    const id = await makeRule(LEAD, {
      actions: [
        addPoints(10, 'lead.score'),
        { type: 'create_task', parameters: { title: 'Call' } },
        { type: 'create_task', parameters: { title: 'Visit', assignee: stranger } },
      ],
    });
    const execution = await execute({ entryPoint: LEAD, context: {}, subject: { type: 'lead', id: lead } });
    expect(execution).toMatchObject({ outcome: 'effects_rolled_back', errors: [{ code: 'unknown-assignee' }] });
    expect(execution.actions.map(({ applied, status }) => [applied, status])).toEqual(
      Array(3).fill([false, 'rolled_back']),
    );
    expect(await leadScore(lead)).toBe(0);
    const tasks = await readRows(proviso.database.url, 'select id from tasks where subject_id = $1', [lead]);
    expect(tasks).toEqual([]);
    expect((await recordsAbout(lead)).map(({ outcome }) => outcome)).toEqual(['allow', 'effects_rolled_back']);
    await archive(id);
  });

  it('with five causes behind it is recorded as too deep, and causes nothing', async () => {
    const id = await makeRule(LEAD, { actions: [addPoints(10, 'lead.score')] });
    const lead = await makeLead();
    await eventually(async () => expect(await leadScore(lead)).toBe(10));
    const [row] = await readRows<{ organization_id: string }>(
      proviso.database.url,
      'select organization_id from leads where id = $1',
      [lead],
    );
    const decide = (depth: number, causationId: string) =>
      proviso.app
        .get(UnitOfWork)
        .run(systemActor(row!.organization_id, { correlationId: newId(), causationId, depth }), async (unit) => {
          const entryPoint = (await proviso.app.get(EntryPoints).get(row!.organization_id, LEAD)) as OwnedEntryPoint;
          return proviso.app.get(SubjectDecisions).apply(entryPoint, [{ unit, subjectId: lead }]);
        });
    const [applied] = await decide(4, newId());
    expect(applied).toMatchObject({ outcome: 'allow', effects: [{ applied: true }] });
    expect(await leadScore(lead)).toBe(20);
    const cause = newId();
    const [tooDeep] = await decide(5, cause);
    expect(tooDeep).toMatchObject({
      outcome: 'too_deep',
      effects: [{ applied: false, status: 'too_deep' }],
      errors: [{ code: 'too-deep' }],
    });
    expect(await leadScore(lead)).toBe(20);
    const recorded = dataOf<object>(await get(`/business-rules/executions/${tooDeep!.executionId}`));
    expect(recorded).toMatchObject({ outcome: 'too_deep', depth: 5, causationId: cause });
    await archive(id);
  });
});

it('many rules that fail for one reason are answered as one error, and recorded one by one', async () => {
  const rules = Array.from({ length: 120 }, (_, index) => ({
    key: `failing-${index}`,
    entryPoint: SHOP,
    name: 'Failing',
    conditions: [{ field: index % 2 === 0 ? 'order.size' : 'order.kind', operator: 'equals', value: 1 }],
    actions: [addPoints(1)],
  }));
  const bundle = { format: 'proviso-rules', formatVersion: 1, entryPoints: [], rules };
  expect((await post('/business-rules/import', { bundle, publish: true })).status).toBe(200);
  const { errors, executionId } = await execute({ entryPoint: SHOP, context: { order: {} } });
  expect(errors).toMatchObject([
    { code: 'missing-path', count: 60, message: expect.stringContaining('order.size') },
    { code: 'missing-path', count: 60, message: expect.stringContaining('order.kind') },
  ]);
  const recorded = dataOf<{ errors: unknown[] }>(await get(`/business-rules/executions/${executionId}`));
  expect(recorded.errors).toHaveLength(120);
});

it('the figures tell of the organization’s operations in this process', async () => {
  await post('/rules/engine/execute', { entryPoint: SHOP, context: { order: 1 } });
  interface Figures {
    scope: string;
    ruleSetCache: { hits: number; misses: number; hitRate: number };
    operations: { operation: string; count: number; errors: number; meanMs: number; p95Ms: number }[];
  }
  const { scope, ruleSetCache, operations } = dataOf<Figures>(await get('/business-rules/metrics'));
  expect(scope).toBe('process');
  expect(ruleSetCache.hits).toBeGreaterThan(500);
  expect(ruleSetCache.hitRate).toBeGreaterThan(0.9);
  const figuresOf = (name: string) => operations.find(({ operation }) => operation === name)!;
  expect(figuresOf('rules.execute').errors).toBeGreaterThanOrEqual(1);
  expect(figuresOf('rules.execute-batch').count).toBeGreaterThanOrEqual(4);
  expect(figuresOf('rules.decide').count).toBeGreaterThan(500);
  expect(figuresOf('rules.execute').p95Ms).toBeGreaterThan(0);
  const stranger = dataOf<Figures>(await proviso.call('get', '/business-rules/metrics', 'owner@second.test'));
  expect(stranger.operations.every(({ count }) => count === 0)).toBe(true);
});
