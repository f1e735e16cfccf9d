import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Client } from 'pg';
import type { Response } from 'supertest';
import { canonicalJson } from '../../src/kernel/canonical-json.js';
import type { JsonObject, JsonValue } from '../../src/kernel/json.js';
import { createPool } from '../../src/platform/database/pool.js';
import { Sql } from '../../src/platform/database/sql.js';
import type { JobSweeper } from '../../src/platform/queue/job-sweeper.js';
import type { TrailPlace } from '../../src/rules/backtests/backtest-process.messages.js';
import type { BacktestView } from '../../src/rules/backtests/backtest-view.js';
import { type RecordedBatch, readBatch } from '../../src/rules/backtests/recorded-batch.js';
import { createActionRegistry } from '../../src/rules/engine/action-types.js';
import { decide } from '../../src/rules/engine/decide.js';
import type { Facts } from '../../src/rules/engine/facts.js';
import type { RuleDefinition } from '../../src/rules/engine/rule.js';
import { compileRuleSet } from '../../src/rules/engine/rule-set.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { eventually } from '../support/eventually.js';

const ENTRY_POINT = 'shop.order.tried';
const DECISIONS = 400;
const NO_ID = '00000000-0000-0000-0000-000000000000';
/** Further ones are tried without jobs, see set-comparison.spec.ts. */
const EDITS = 12;

let proviso: TestApplication;
let client: Client;
let rules: RuleDefinition[];
let recorded: { id: string; context: JsonObject; facts: Facts }[];

const dataOf = <T>({ body }: Response): T => (body as { data: T }).data;
const post = async (path: string, body: object): Promise<Response> => proviso.call('post', path).send(body);
const get = async (path: string): Promise<Response> => proviso.call('get', path);

const countries = ['DE', 'AT', 'FR', 'IT'];
const channels = ['web', 'store', null];
const authored = (number: number) => ({
  name: `Rule ${number}`,
  priority: number % 3,
  condition: {
    and: [{ '==': [{ var: 'order.country' }, countries[number % 4]!] }, { '>': [{ var: 'order.total' }, number * 10] }],
  },
  actions: [{ type: 'adjust_field', parameters: { field: 'order.discount', by: number } }],
});

beforeAll(async () => {
  proviso = await startApplication();
  client = new Client({ connectionString: proviso.database.url });
  await client.connect();
  await post('/rules/entry-points', {
    name: ENTRY_POINT,
    schema: { type: 'object' },
    writableFields: ['order.discount', 'order.tier'],
    failurePolicy: 'fail_closed',
  });
  for (let number = 1; number <= 8; number++) {
    expect(
      (await post('/business-rules', { ...authored(number), entryPoint: ENTRY_POINT, publish: true })).status,
    ).toBe(201);
  }
  for (let number = 0; number < DECISIONS; number++) {
    const order = {
      total: (number * 37) % 200,
      ...(number % 11 > 0 && { country: countries[number % 4]! }),
      channel: channels[number % 3]!,
    };
    expect((await post('/rules/engine/execute', { entryPoint: ENTRY_POINT, context: { order } })).status).toBe(200);
  }
  rules = dataOf<RuleDefinition[]>(await get(`/business-rules?entryPoint=${ENTRY_POINT}&limit=100`));
  const { rows } = await client.query<{ id: string; payload: { context: JsonObject; facts: Facts } }>(
    `select id, convert_from(payload, 'UTF8')::json as payload from events
     where type = 'rules.executed' order by occurred_at, id`,
  );
  recorded = rows.map(({ id, payload: { context, facts } }) => ({ id, context, facts }));
}, 120_000);

afterAll(async () => {
  await client.end();
  await proviso.stop();
});

const span = { from: '2026-01-01T00:00:00Z', to: '2200-01-01T00:00:00Z', cpuShare: 1 };
const start = async (ruleId: string, more: object = {}): Promise<string> => {
  const response = await post(`/business-rules/${ruleId}/backtest`, { ...span, ...more });
  expect(response.status).toBe(202);
  return dataOf<{ jobId: string }>(response).jobId;
};
const view = async (id: string): Promise<BacktestView> =>
  dataOf<BacktestView>(await get(`/business-rules/backtests/${id}`));
const finished = (id: string): Promise<BacktestView> =>
  eventually(async () => {
    const found = await view(id);
    expect(found.status).toBe('completed');
    return found;
  }, 60_000);
const revise = async (id: string, edit: object): Promise<RuleDefinition> => {
  const response = await proviso.call('put', `/business-rules/${id}`).send(edit);
  expect(response.body).toEqual(expect.objectContaining({ success: true }));
  return dataOf<RuleDefinition>(response);
};

/** Ids of the decisions that change, by deciding all of them twice by whole sets. */
function bruteForce(draft: RuleDefinition): string[] {
  const options = { actionTypes: createActionRegistry(), failurePolicy: 'fail_closed' as const };
  const before = compileRuleSet(rules, options);
  const after = compileRuleSet([...rules.filter(({ id }) => id !== draft.id), draft], options);
  const told = (set: typeof before, context: JsonObject, facts: Facts): string => {
    const { outcome, blocked, effects } = decide(set, context, facts);
    return canonicalJson({ outcome, blocked, effects });
  };
  return recorded
    .filter(({ context, facts }) => told(before, context, facts) !== told(after, context, facts))
    .map(({ id }) => id);
}

const number = fc.integer({ min: 0, max: 200 });
const condition = fc.oneof(
  number.map((least) => ({ '>': [{ var: 'order.total' }, least] })),
  fc.tuple(fc.constantFrom(...countries), number).map(([country, most]) => ({
    and: [{ '==': [{ var: 'order.country' }, country] }, { '<': [{ var: 'order.total' }, most] }],
  })),
  fc.constantFrom<JsonValue>({ '/': [1, { var: 'order.channel' }] }, false, {
    in: [{ var: 'order.channel' }, ['web']],
  }),
);
const action = fc.oneof(
  number.map((by) => ({ type: 'adjust_field', parameters: { field: 'order.discount', by } })),
  fc.constant({ type: 'set_field', parameters: { field: 'order.tier', value: '{{order.country}}' } }),
  fc.constant({ type: 'set_outcome', parameters: { outcome: 'review' } }),
);
const edit = fc.record({
  name: fc.constant('Edited'),
  condition,
  actions: fc.uniqueArray(action, { minLength: 1, maxLength: 2, selector: ({ type }) => type }),
  priority: fc.integer({ min: 0, max: 3 }),
  enabled: fc.nat(9).map((one) => one > 0),
  stopOnMatch: fc.boolean(),
});

/** Runs the command that people run. */
async function command(ruleId: string): Promise<{ code: number; output: string }> {
  const { rows } = await client.query<{ id: string }>(`select organization_id as id from rules where id = $1`, [
    ruleId,
  ]);
  const given = ['--organization', rows[0]!.id, '--rule', ruleId, '--from', span.from, '--to', span.to, '--json'];
  const environment = {
    PATH: process.env.PATH,
    NODE_ENV: 'test',
    DATABASE_URL: proviso.database.url,
    DATA_FOLDER: process.env.TEST_FOLDER,
  };
  const child = spawn(process.execPath, ['dist/cli.js', 'rules', 'backtest', ...given], { env: environment });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

describe('a back-test', () => {
  it('of what is in force changes nothing', async () => {
    const { result, progress } = await finished(await start(rules[0]!.id));
    expect(result).toMatchObject({
      decisions: DECISIONS,
      changed: 0,
      erased: 0,
      byOutcome: [],
      byRule: [],
      examples: [],
    });
    expect(result.matched.before).toBeGreaterThan(0);
    expect(result.matched.after).toBe(result.matched.before);
    expect(progress).toBe(1);
  });

  it('finds what deciding everything twice finds, for generated edits', async () => {
    const edits = fc.sample(edit, { numRuns: EDITS, seed: 20_261_126 });
    const asked: { id: string; draft: RuleDefinition }[] = [];
    for (const [position, one] of edits.entries()) {
      const draft = await revise(rules[position % rules.length]!.id, one);
      asked.push({ id: await start(draft.id), draft });
    }
    let changes = 0;
    for (const { id, draft } of asked) {
      const { result } = await finished(id);
      const expected = bruteForce(draft);
      expect(result.changed).toBe(expected.length);
      expect(result.examples.map(({ executionId }) => executionId)).toEqual(expected.slice(0, 20));
      changes += expected.length;
    }
    expect(changes).toBeGreaterThan(500);
  }, 120_000);

  it('counts by outcome and by the values of a path, over a sample or a span', async () => {
    const { id } = rules[0]!;
    await revise(id, {
      name: 'All',
      condition: true,
      actions: [{ type: 'set_outcome', parameters: { outcome: 'deny' } }],
    });
    const { result } = await finished(await start(id, { segmentPath: 'order.channel' }));
    expect(result.byOutcome).toEqual([{ before: 'allow', after: 'deny', decisions: DECISIONS }]);
    expect(result.byField.map(({ value }) => value).sort()).toEqual(['"store"', '"web"', 'null']);
    expect(result.byField.reduce((sum, { decisions }) => sum + decisions, 0)).toBe(DECISIONS);
    expect(result.matched).toEqual({ before: expect.any(Number), after: DECISIONS });
    const sampled = await finished(await start(id, { sample: 0.25 }));
    expect(sampled.result.decisions).toBeGreaterThan(DECISIONS / 10);
    expect(sampled.result.decisions).toBeLessThan(DECISIONS / 2);
    const none = await finished(await start(id, { to: '2026-01-02T00:00:00Z' }));
    expect(none.result.decisions).toBe(0);
  });

  it('goes on where another worker left it, shows its progress, and can be cancelled', async () => {
    const id = await start(rules[0]!.id, { cpuShare: 0.01 });
    await eventually(async () => expect((await view(id)).status).toBe('running'), 30_000);
    expect((await post(`/business-rules/backtests/${id}/cancel`, {})).status).toBe(200);
    expect((await view(id)).status).toBe('cancelled');
    expect((await post(`/business-rules/backtests/${id}/cancel`, {})).status).toBe(200);

    const whole = await finished(await start(rules[0]!.id));
    const { rows } = await client.query<{ occurred_at: Date; id: string }>(
      `select occurred_at, id from events where type = 'rules.executed' order by occurred_at, id offset ${DECISIONS / 2} limit 1`,
    );
    const { occurred_at: at, id: last } = rows[0]!;
    // As a worker leaves it that died: half is counted, its lease is over, and no job is there.
    await client.query(
      `update backtests set status = 'running', cursor_at = $1, cursor_id = $2, finished_at = null, lease_owner = $2,
         lease_until = now() - interval '1 second', result = jsonb_set(result, '{decisions}', '1000') where id = $3`,
      [at, last, whole.id],
    );
    expect((await view(whole.id)).progress).toBeLessThan(1);
    await proviso.app.get<JobSweeper<unknown>>('backtests-sweeper').sweep();
    expect((await finished(whole.id)).result.decisions).toBe(1000 + DECISIONS / 2 - 1);
    const refused = await post(`/business-rules/backtests/${whole.id}/cancel`, {});
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ type: 'urn:proviso:problem:backtest-finished' });
  });

  it('can be run from the command line, where a change is the exit code', async () => {
    const { id } = rules[1]!;
    const { condition, actions, name } = rules[1] as RuleDefinition & { condition: JsonValue };
    await revise(id, { name, condition, actions, priority: rules[1]!.priority });
    const same = await command(id);
    expect(same.code).toBe(0);
    expect(JSON.parse(same.output)).toMatchObject({
      status: 'completed',
      result: { decisions: DECISIONS, changed: 0 },
    });
    await revise(id, { name, condition: true, actions });
    const changed = await command(id);
    expect(changed.code).toBe(1);
    expect((JSON.parse(changed.output) as BacktestView).result.changed).toBeGreaterThan(DECISIONS / 2);
  });

  it('reads no more at once than may be in memory, however large the decisions are', async () => {
    const entryPoint = 'shop.order.large';
    await post('/rules/entry-points', {
      name: entryPoint,
      schema: { type: 'object' },
      writableFields: [],
      failurePolicy: 'fail_open',
    });
    const ids: string[] = [];
    for (let made = 0; made < 25; made++) {
      const response = await post('/rules/engine/execute', { entryPoint, context: { text: 'x'.repeat(250_000) } });
      ids.push(dataOf<{ executionId: string }>(response).executionId);
    }
    const { rows } = await client.query<{ id: string }>('select organization_id as id from events where id = $1', [
      ids[0],
    ]);
    const pool = createPool(proviso.database.url, { role: 'app', max: 1, pipeline: true });
    const scope = { organizationId: rows[0]!.id, entryPoint, to: span.to, sample: 1, cpuShare: 1 };
    const batches: RecordedBatch[] = [];
    for (let cursor: TrailPlace | undefined = { at: span.from, id: NO_ID }; cursor; cursor = batches.at(-1)?.cursor) {
      batches.push(await readBatch(new Sql(pool), scope, cursor));
    }
    await pool.end();
    expect(batches.flatMap(({ decisions }) => decisions.map(({ id }) => id))).toEqual(ids);
    for (const { decisions } of batches) {
      const bytes = decisions.reduce((sum, { payload }) => sum + payload.length, 0);
      expect(bytes).toBeLessThan(4 * 1024 * 1024 + 300_000);
    }
  });

  it('is refused for a span in which nothing can be', async () => {
    const refused = await post(`/business-rules/${rules[0]!.id}/backtest`, { ...span, from: '2100-01-01T00:00:00Z' });
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ errors: [{ pointer: '#/from' }] });
  });
});
