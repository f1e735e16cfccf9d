import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { type DemoPerson, startApplication, type TestApplication } from '../support/application.js';
import { readRows } from '../support/read-rows.js';

let proviso: TestApplication;

const ENTRY_POINT = 'shop.order.graded';
const STRANGER = 'owner@second.test';

interface Bundle {
  readonly functions: readonly { readonly name: string; readonly source: string }[];
  readonly rules: readonly object[];
}

const dataOf = <T>({ body }: Response): T => (body as { data: T }).data;
const post = async (path: string, body: object, email?: DemoPerson): Promise<Response> =>
  proviso.call('post', path, email).send(body);
const exported = async (query = '', email?: DemoPerson): Promise<Bundle> =>
  dataOf<Bundle>(await proviso.call('get', `/business-rules/export${query}`, email));
const imported = async (bundle: object, more: object = {}, email?: DemoPerson): Promise<Response> =>
  post('/business-rules/import', { bundle, ...more }, email);

const entryPoint = {
  name: ENTRY_POINT,
  description: 'An order is graded',
  schema: { type: 'object', properties: { order: { type: 'object' } } },
  writableFields: ['order.tier'],
  failurePolicy: 'fail_open',
};
const isLarge = { description: 'Above all', parameters: ['total'], source: 'return total > 100;' };
const rule = (key: string, name: string, more: object = {}) => ({
  name: `Calls ${name}`,
  key,
  entryPoint: ENTRY_POINT,
  condition: { fn: [name, { var: 'order.total' }] },
  actions: [{ type: 'set_field', parameters: { field: 'order.tier', value: 'gold' } }],
  ...more,
});
const bundleOf = (functions: readonly object[], rules: readonly object[] = []) => ({
  ...{ format: 'proviso-rules', formatVersion: 1, entryPoints: [], functions, rules },
});
const ratedBy = async (total: number, email?: DemoPerson): Promise<number> => {
  const response = await post(
    '/rules/engine/execute',
    { entryPoint: ENTRY_POINT, context: { order: { total } } },
    email,
  );
  return dataOf<{ executedRules: string[] }>(response).executedRules.length;
};
const functionOf = async (name: string, email?: DemoPerson): Promise<object> =>
  dataOf(await proviso.call('get', `/rules/functions/${name}`, email));
/** Everything that an import could write. */
const countWrites = async (): Promise<Record<string, string>> => {
  const [row] = await readRows<Record<string, string>>(
    proviso.database.url,
    `select (select count(*) from events) as events, (select count(*) from rule_versions) as rules,
       (select count(*) from rule_function_versions) as versions, (select sum(version) from rule_functions) as functions,
       (select count(*) from rule_set_functions) as members, (select sum(revision) from cache_heads) as revisions`,
  );
  return row!;
};

beforeAll(async () => {
  proviso = await startApplication();
  expect((await post('/rules/entry-points', entryPoint)).status).toBe(201);
  await post('/rules/functions', { name: 'isLarge', ...isLarge, publish: true });
  await post('/rules/functions', { name: 'uncalled', ...isLarge, publish: true });
  const { key: _key, ...body } = rule('', 'isLarge', { tags: ['grades'], publish: true });
  expect((await post('/business-rules', body)).status).toBe(201);
  await proviso.call('put', '/rules/functions/isLarge').send({ ...isLarge, source: 'return total > 5000;' });
});

afterAll(() => proviso.stop());

describe('an export', () => {
  it('holds the functions that its rules call, as they call them', async () => {
    expect((await exported()).functions).toEqual([{ name: 'isLarge', ...isLarge }]);
    expect((await exported(`?entryPoint=${ENTRY_POINT}`)).functions).toHaveLength(1);
    expect((await exported('?tag=grades')).functions).toHaveLength(1);
    expect((await exported('?tag=money')).functions).toEqual([]);
    expect((await exported('?entryPoint=crm.lead.created')).functions).toEqual([]);
  });

  it('is a no-op where it came from, even beside a newer draft of a function', async () => {
    const bundle = await exported();
    const before = await countWrites();
    for (const options of [{}, { publish: true }, { dryRun: true, publish: true }]) {
      expect(dataOf(await imported(bundle, options))).toMatchObject({ created: 0, changes: [] });
    }
    expect(await countWrites()).toEqual(before);
  });

  it('decides elsewhere as it did here, comes back equal, and has nothing to do a second time', async () => {
    const bundle = await exported(`?entryPoint=${ENTRY_POINT}`);
    const first = dataOf<{ changes: object[] }>(await imported(bundle, { publish: true }, STRANGER));
    expect(first).toMatchObject({ applied: true, created: 3 });
    expect(first.changes[1]).toEqual({
      ...{ kind: 'function', key: 'isLarge', pointer: '#/bundle/functions/0', outcome: 'created' },
    });
    expect(await functionOf('isLarge', STRANGER)).toMatchObject({ ...isLarge, version: 1, liveVersion: 1 });
    expect([await ratedBy(101, STRANGER), await ratedBy(100, STRANGER)]).toEqual([1, 0]);
    const before = await countWrites();
    expect(dataOf(await imported(bundle, { publish: true }, STRANGER))).toMatchObject({ unchanged: 3, changes: [] });
    expect(await countWrites()).toEqual(before);
    expect(JSON.stringify(await exported(`?entryPoint=${ENTRY_POINT}`, STRANGER))).toBe(JSON.stringify(bundle));
  });
});

describe('an import of a function', () => {
  it('changes what rules call only when it publishes', async () => {
    const bundle = bundleOf([{ name: 'isLarge', ...isLarge, source: 'return total > 10;' }]);
    const dry = dataOf<object>(await imported(bundle, { dryRun: true }, STRANGER));
    const patch = [{ op: 'replace', path: '/source', value: 'return total > 10;' }];
    expect(dry).toMatchObject({ applied: false, revised: 1, changes: [{ outcome: 'revised', patch }] });
    expect(dataOf(await imported(bundle, {}, STRANGER))).toEqual({ ...dry, applied: true });
    expect(await functionOf('isLarge', STRANGER)).toMatchObject({ version: 2, liveVersion: 1 });
    expect(await ratedBy(50, STRANGER)).toBe(0);
    expect(dataOf(await imported(bundle, {}, STRANGER))).toMatchObject({ unchanged: 1 });

    const published = dataOf<object>(await imported(bundle, { publish: true }, STRANGER));
    expect(published).toMatchObject({ published: 1, changes: [{ kind: 'function', outcome: 'published' }] });
    expect(await functionOf('isLarge', STRANGER)).toMatchObject({ version: 2, liveVersion: 2 });
    expect(await ratedBy(50, STRANGER)).toBe(1);
    const events = dataOf<{ type: string }[]>(
      await proviso.call('get', '/audit/events?type=rules.function-published', STRANGER),
    );
    expect(events).toHaveLength(2);
  });

  it('comes with rules that call its new version at once', async () => {
    const bundle = bundleOf(
      [
        { name: 'isLarge', ...isLarge, source: 'return total > 20;' },
        { name: 'isEven', parameters: ['total'], source: 'return total % 2 === 0;' },
      ],
      [rule('even', 'isEven')],
    );
    expect(dataOf(await imported(bundle, { publish: true }, STRANGER))).toMatchObject({ created: 2, revised: 1 });
    expect(await functionOf('isEven', STRANGER)).toMatchObject({ description: '', liveVersion: 1 });
    expect([await ratedBy(12, STRANGER), await ratedBy(21, STRANGER), await ratedBy(22, STRANGER)]).toEqual([1, 1, 2]);
  });

  it('lets a draft of a rule call what is new, and not what would stay a draft', async () => {
    await post('/rules/functions', { name: 'onlyDraft', ...isLarge }, STRANGER);
    const functions = [
      { name: 'fresh', ...isLarge },
      { name: 'onlyDraft', ...isLarge, source: 'return false;' },
    ];
    const rules = [rule('calls-fresh', 'fresh'), rule('calls-draft', 'onlyDraft')];
    const dry = dataOf<{ changes: object[] }>(await imported(bundleOf(functions, rules), { dryRun: true }, STRANGER));
    expect(dry.changes).toMatchObject([
      { key: 'fresh', outcome: 'created' },
      { key: 'onlyDraft', outcome: 'revised' },
      { key: 'calls-fresh', outcome: 'created' },
      { key: 'calls-draft', outcome: 'refused', errors: [{ pointer: '#/bundle/rules/1/condition/fn' }] },
    ]);
    expect(dataOf(await imported(bundleOf(functions, rules), { publish: true }, STRANGER))).toMatchObject({
      applied: true,
      created: 3,
      revised: 1,
    });
    expect(await functionOf('onlyDraft', STRANGER)).toMatchObject({ version: 2, liveVersion: 2 });
  });

  it('is refused with its place, and then nothing is done', async () => {
    const functions = [
      { name: 'broken', parameters: ['a b'], source: 'return 1;' },
      { name: 'unread', parameters: [], source: 'return (;' },
      { name: 'twice', ...isLarge },
      { name: 'twice', ...isLarge },
      { name: 'sound', ...isLarge },
    ];
    const before = await countWrites();
    const refusal = await imported(bundleOf(functions, [rule('calls-none', 'nobody')]), { publish: true });
    expect(refusal.body).toMatchObject({ status: 422, code: 'import-refused', refused: 4 });
    expect((refusal.body as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer)).toEqual([
      '#/bundle/functions/0/parameters/0',
      '#/bundle/functions/1/source',
      '#/bundle/functions/3/name',
      '#/bundle/rules/0/condition/fn',
    ]);
    const nameless = await imported(bundleOf([{ ...isLarge, name: 'a-b' }]));
    expect(nameless.body).toMatchObject({ status: 400, errors: [{ pointer: '#/bundle/functions/0/name' }] });
    const many = Array.from({ length: 500 }, (_, index) => ({ ...isLarge, name: `many${index}` }));
    expect((await imported(bundleOf(many))).body).toMatchObject({ status: 409, code: 'too-many-functions' });
    expect(await countWrites()).toEqual(before);
  });

  it('asks for the right to publish where it makes one', async () => {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const key = { name: 'Writes', permissions: ['rules:read', 'rules:write'], expiresAt };
    const { token } = dataOf<{ token: string }>(await post('/api-keys', key));
    const attempt = async (functions: readonly object[]): Promise<number> => {
      const { statusCode } = await proviso.app.inject({
        method: 'POST',
        url: '/api/v1/business-rules/import',
        headers: { 'x-api-key': token },
        payload: { bundle: bundleOf(functions) },
      });
      return statusCode;
    };
    expect(await attempt([{ name: 'byKey', ...isLarge }])).toBe(403);
    expect(await attempt([{ name: 'uncalled', ...isLarge, source: 'return 0;' }])).toBe(200);
    expect(await functionOf('uncalled')).toMatchObject({ version: 2, liveVersion: 1 });
  });
});
