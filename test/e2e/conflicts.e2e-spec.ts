import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { type DemoPerson, startApplication, type TestApplication } from '../support/application.js';
import { eventually } from '../support/eventually.js';

const ENTRY_POINT = 'shop.order.rated';
const changed = { discount: { type: 'number' }, points: { type: 'number' } };
const schema = {
  type: 'object',
  required: ['total'],
  additionalProperties: false,
  properties: { total: { type: 'number', minimum: 0 }, size: { enum: ['small', 'large'] }, ...changed },
};

interface ConflictData {
  readonly kind: string;
  readonly ruleIds: string[];
  readonly shadowedBy?: string[];
  readonly fields?: { readonly field: string; readonly values: unknown[] }[];
  readonly witness?: { readonly context: object };
}
interface ConflictsData {
  readonly revision: number;
  readonly ruleCount: number;
  readonly isComplete: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly conflicts: ConflictData[];
  readonly undecided: { readonly kind: string; readonly ruleIds: string[] }[];
}

let proviso: TestApplication;
const ids = new Map<string, string>();

const dataOf = <T>({ body }: Response): T => (body as { readonly data: T }).data;
const ask = (query = '', email?: DemoPerson) =>
  proviso.call('get', `/business-rules/conflicts?entryPoint=${ENTRY_POINT}${query}`, email);

const rules = [
  { name: 'bulk', condition: { '>': [{ var: 'total' }, 500] }, priority: 9, stopOnMatch: true, discount: 20 },
  { name: 'huge', condition: { '>': [{ var: 'total' }, 900] }, priority: 8, discount: 30 },
  { name: 'large', condition: { '===': [{ var: 'size' }, 'large'] }, priority: 5, discount: 10 },
  { name: 'cheap', condition: { '<': [{ var: 'total' }, 50] }, discount: 5 },
  { name: 'free', condition: { '<': [{ var: 'total' }, 0] }, discount: 1 },
  { name: 'any', condition: { '>=': [{ var: 'total' }, 0] }, points: 1 },
  { name: 'odd', condition: { '===': [{ '%': [{ '*': [{ var: 'total' }, 7] }, 11] }, 13] }, points: 1 },
];

beforeAll(async () => {
  proviso = await startApplication();
  const entryPoint = { name: ENTRY_POINT, schema, writableFields: ['discount', 'points'], failurePolicy: 'fail_open' };
  await proviso.call('post', '/rules/entry-points').send(entryPoint).expect(201);
  for (const { discount, points, ...rule } of rules) {
    const [field, value] = discount === undefined ? ['points', points] : ['discount', discount];
    const actions = [{ type: 'set_field', parameters: { field, value } }];
    const body = { entryPoint: ENTRY_POINT, publish: true, actions, ...rule };
    const { id } = dataOf<{ id: string }>(await proviso.call('post', '/business-rules').send(body).expect(201));
    ids.set(rule.name, id);
  }
  await eventually(async () => expect(dataOf<ConflictsData>(await ask()).ruleCount).toBe(rules.length));
});

afterAll(() => proviso.stop());

const idsOf = (...names: string[]): string[] => names.map((name) => ids.get(name)!);

describe('conflicts among live rules', () => {
  it('are found with witnesses, and what is not decided is said', async () => {
    const found = dataOf<ConflictsData>(await ask().expect(200));
    expect(found.counts).toEqual({ 'never-holds': 1, 'always-holds': 1, shadowed: 1, contradiction: 1, undecided: 1 });
    expect(found.isComplete).toBe(true);
    const [never, always, shadowed, contradiction] = ['never-holds', 'always-holds', 'shadowed', 'contradiction'].map(
      (kind) => found.conflicts.find((conflict) => conflict.kind === kind)!,
    );
    expect(never).toMatchObject({ ruleIds: idsOf('free') });
    expect(always).toMatchObject({ ruleIds: idsOf('any') });
    expect(shadowed).toMatchObject({ ruleIds: idsOf('huge'), shadowedBy: idsOf('bulk') });
    expect(contradiction).toMatchObject({
      ruleIds: idsOf('large', 'cheap'),
      fields: [{ field: 'discount', values: [10, 5] }],
    });
    expect(found.undecided).toMatchObject([{ kind: 'never-holds', ruleIds: idsOf('odd') }]);
  });

  it('give witnesses over which the engine decides as they say', async () => {
    const { conflicts } = dataOf<ConflictsData>(await ask());
    const { context } = conflicts.find(({ kind }) => kind === 'contradiction')!.witness!;
    const body = { entryPoint: ENTRY_POINT, context, dryRun: true };
    const decided = await proviso.call('post', '/rules/engine/execute').send(body).expect(200);
    expect(dataOf<{ executedRules: string[] }>(decided).executedRules).toEqual(
      expect.arrayContaining(idsOf('large', 'cheap')),
    );
  });

  it('are answered from memory until a rule is published or taken out of force', async () => {
    const first = await ask();
    expect((await ask()).body).toEqual(first.body);
    await proviso
      .call('post', `/business-rules/${ids.get('cheap')}/deactivate`)
      .send({})
      .expect(200);
    await eventually(async () => {
      const later = dataOf<ConflictsData>(await ask());
      expect(later.revision).toBeGreaterThan(dataOf<ConflictsData>(first).revision);
      expect(later.counts['contradiction']).toBe(0);
    });
    await proviso
      .call('post', `/business-rules/${ids.get('cheap')}/publish`)
      .send({})
      .expect(200);
  });

  it('come in the number that was asked for, with the counts of all', async () => {
    const found = dataOf<ConflictsData>(await ask('&limit=1').expect(200));
    expect(found.conflicts).toHaveLength(1);
    expect(found.counts['never-holds']).toBe(1);
  });

  it('are refused without an entry point, at one that is not there, and to another organization', async () => {
    await proviso.call('get', '/business-rules/conflicts').expect(400);
    await ask('&limit=0').expect(400);
    await proviso.call('get', '/business-rules/conflicts?entryPoint=shop.order.unknown').expect(404);
    await ask('', 'owner@second.test').expect(404);
  });

  it('are told by the command, which ends with 1', async () => {
    const words = ['dist/cli.js', 'rules', 'conflicts', '--organization', 'demo', '--entry-point', ENTRY_POINT];
    const { NODE_OPTIONS: _, ...environment } = process.env;
    const env = { ...environment, NODE_ENV: 'test', DATABASE_URL: proviso.database.url };
    const run = promisify(execFile)(process.execPath, words, { env });
    await expect(run).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('contradiction: "large" and') });
  });
});
