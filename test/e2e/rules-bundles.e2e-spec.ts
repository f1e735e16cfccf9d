import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { type DemoPerson, startApplication, type TestApplication } from '../support/application.js';
import { readRows } from '../support/read-rows.js';

let proviso: TestApplication;

const ENTRY_POINT = 'shop.order.placed';
const STRANGER = 'owner@second.test';

interface Bundle {
  readonly entryPoints: object[];
  readonly rules: { readonly key: string; readonly name: string; readonly live: boolean }[];
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
  description: 'An order is placed',
  schema: { type: 'object', properties: { order: { type: 'object', additionalProperties: true } } },
  writableFields: ['order.discount'],
  failurePolicy: 'fail_open',
};
const definition = (more: object = {}) => ({
  name: 'Large orders',
  condition: { '>': [{ var: 'order.total' }, 100] },
  actions: [{ type: 'adjust_field', parameters: { field: 'order.discount', by: 5 } }],
  ...more,
});
const bundled = (key: string, more: object = {}) => ({ ...definition(more), key, entryPoint: ENTRY_POINT, ...more });
const bundleOf = (rules: object[], entryPoints: object[] = []) => ({
  format: 'proviso-rules',
  formatVersion: 1,
  entryPoints,
  rules,
});
/** Everything that an import could write. */
const countWrites = async (): Promise<Record<string, string>> => {
  const [row] = await readRows<Record<string, string>>(
    proviso.database.url,
    `select (select count(*) from events) as events, (select count(*) from rule_versions) as versions,
       (select count(*) from rule_set_members) as members, (select sum(revision) from cache_heads) as revisions,
       (select sum(version) from rules) as rules, (select sum(version) from entry_points) as entry_points`,
  );
  return row!;
};

beforeAll(async () => {
  proviso = await startApplication();
  await post('/rules/entry-points', entryPoint);
  const make = (more: object) => post('/business-rules', { ...definition(more), entryPoint: ENTRY_POINT });
  await make({ publish: true, tags: ['money'], metadata: { z: 1, a: { constructor: 1 } } });
  await make({ name: 'A draft', conditions: [{ field: 'order.vip', operator: 'exists' }], condition: undefined });
  const { id } = dataOf<{ id: string }>(await make({ name: 'Behind', publish: true, priority: 3 }));
  await proviso.call('put', `/business-rules/${id}`).send(definition({ name: 'Ahead', priority: 3 }));
});

afterAll(() => proviso.stop());

describe('an export', () => {
  it('holds newest definitions in the order of decision, and narrows by tag and entry point', async () => {
    const bundle = await exported();
    expect(bundle).toMatchObject({ format: 'proviso-rules', formatVersion: 1, entryPoints: [entryPoint] });
    const own = bundle.rules.filter((rule) => (rule as { entryPoint?: string }).entryPoint === ENTRY_POINT);
    expect(own.map(({ name, live }) => [name, live])).toEqual([
      ['Ahead', false],
      ['Large orders', true],
      ['A draft', false],
    ]);
    expect((await exported('?tag=money')).rules.map(({ name }) => name)).toEqual(['Large orders']);
    expect(await exported('?entryPoint=crm.lead.created')).toMatchObject({ entryPoints: [] });
    expect(await exported('?entryPoint=shop.unknown.moment')).toMatchObject({ entryPoints: [], rules: [] });
  });

  it('is a no-op where it came from, with publish too: no version, no event, no revision', async () => {
    const bundle = await exported();
    const before = await countWrites();
    for (const options of [{}, { publish: true }, { dryRun: true, publish: true }]) {
      const answer = dataOf<object>(await imported(bundle, options));
      const none = { created: 0, revised: 0, published: 0, refused: 0, changes: [] };
      expect(answer).toMatchObject({ ...none, unchanged: bundle.rules.length + 1 });
    }
    expect(await countWrites()).toEqual(before);
  });

  it('creates all of it elsewhere under new ids, is a no-op there the second time, and comes back equal', async () => {
    const bundle = await exported(`?entryPoint=${ENTRY_POINT}`);
    const first = dataOf<object>(await imported(bundle, { publish: true }, STRANGER));
    expect(first).toMatchObject({ applied: true, created: 4, unchanged: 0 });
    const rules = dataOf<{ id: string; key: string; liveVersion: number | null }[]>(
      await proviso.call('get', `/business-rules?entryPoint=${ENTRY_POINT}`, STRANGER),
    );
    expect(rules.map(({ key }) => key).sort()).toEqual(bundle.rules.map(({ key }) => key).sort());
    expect(rules.every(({ id, key }) => id !== key)).toBe(true);
    expect(rules.filter(({ liveVersion }) => liveVersion !== null)).toHaveLength(1);
    const before = await countWrites();
    expect(dataOf<object>(await imported(bundle, { publish: true }, STRANGER))).toMatchObject({ changes: [] });
    expect(await countWrites()).toEqual(before);
    expect(JSON.stringify(await exported(`?entryPoint=${ENTRY_POINT}`, STRANGER))).toBe(JSON.stringify(bundle));
    expect((await proviso.call('get', `/business-rules/${bundle.rules[0]!.key}`, STRANGER)).status).toBe(404);
  });
});

describe('an import', () => {
  it('tells in a dry run what it then does', async () => {
    const rules = [bundled('new-rule', { name: 'New' }), bundled('other-rule', { live: false })];
    const dry = dataOf<{ changes: object[] }>(await imported(bundleOf(rules), { dryRun: true, publish: true }));
    expect(dry).toMatchObject({ applied: false, created: 2 });
    expect(dry.changes[0]).toMatchObject({ key: 'new-rule', outcome: 'created', pointer: '#/bundle/rules/0' });
    const done = dataOf<{ changes: object[] }>(await imported(bundleOf(rules), { publish: true }));
    expect(done).toEqual({ ...dry, applied: true });

    const changed = [bundled('new-rule', { name: 'New', priority: 9 }), bundled('other-rule')];
    const again = { bundle: bundleOf(changed), options: { publish: true } };
    const dryAgain = dataOf<{ changes: object[] }>(await imported(again.bundle, { ...again.options, dryRun: true }));
    expect(dryAgain).toMatchObject({
      revised: 1,
      published: 1,
      changes: [
        { outcome: 'revised', patch: [{ op: 'replace', path: '/priority', value: 9 }] },
        { outcome: 'published' },
      ],
    });
    expect(dataOf(await imported(again.bundle, again.options))).toEqual({ ...dryAgain, applied: true });
    expect(dataOf(await imported(again.bundle, again.options))).toMatchObject({ unchanged: 2, changes: [] });
  });

  it('does all or nothing, and names each fault with its place', async () => {
    const rules = [
      bundled('sound', {}),
      bundled('unsound', { actions: [{ type: 'set_field', parameters: { field: 'order.total', value: 1 } }] }),
      bundled('nowhere', { entryPoint: 'shop.nowhere.moment' }),
      bundled('twice'),
      bundled('twice'),
      bundled('new-rule', { entryPoint: 'crm.lead.created', condition: true }),
    ];
    const points = [
      { ...entryPoint, name: 'crm.lead.created' },
      { ...entryPoint, name: 'a.b', schema: { type: 7 } },
    ];
    const before = await countWrites();
    const dry = await imported(bundleOf(rules, points), { dryRun: true });
    expect(dataOf(dry)).toMatchObject({ applied: false, created: 1, refused: 7 });
    const refusal = await imported(bundleOf(rules, points));
    expect(refusal.body).toMatchObject({ status: 422, code: 'import-refused', refused: 7 });
    const { errors } = refusal.body as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer)).toEqual([
      '#/bundle/entryPoints/0/name',
      '#/bundle/entryPoints/1/schema',
      '#/bundle/rules/1/actions/0/parameters',
      '#/bundle/rules/2/entryPoint',
      '#/bundle/rules/3/key',
      '#/bundle/rules/4/key',
      expect.stringMatching(/^#\/bundle\/rules\/5\//),
    ]);
    expect(await countWrites()).toEqual(before);
  });

  it('refuses what has not the form of a bundle, with the place', async () => {
    const many = Array.from({ length: 150 }, (_, index) => bundled(`key-${index}`));
    const wrong = [...many, { ...bundled('wrong'), priority: 'high' }];
    expect((await imported(bundleOf(wrong))).body).toMatchObject({
      status: 400,
      errors: [{ pointer: '#/bundle/rules/150/priority' }],
    });
    expect((await imported({ ...bundleOf([]), formatVersion: 2 })).status).toBe(400);
    const tooMany = await imported(bundleOf(Array<object>(10_001).fill({})));
    expect(tooMany.body).toMatchObject({ status: 400, errors: [{ pointer: '#/bundle/rules' }] });
  });

  it('asks for the right to publish where it publishes or changes entry points', async () => {
    const makeKey = async (permissions: string[]): Promise<string> => {
      const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
      return dataOf<{ token: string }>(await post('/api-keys', { name: permissions.join(), permissions, expiresAt }))
        .token;
    };
    const token = await makeKey(['rules:read', 'rules:write']);
    const attempt = async (body: object): Promise<number> => {
      const response = await proviso.app.inject({
        method: 'POST',
        url: '/api/v1/business-rules/import',
        headers: { 'x-api-key': token },
        payload: body,
      });
      return response.statusCode;
    };
    expect(await attempt({ bundle: bundleOf([bundled('by-key')]) })).toBe(200);
    expect(await attempt({ bundle: bundleOf([bundled('by-key')]), publish: true })).toBe(403);
    expect(await attempt({ bundle: bundleOf([], [{ ...entryPoint, name: 'shop.new.point' }]) })).toBe(403);
    expect((await imported(bundleOf([]), {}, 'member@demo.test')).status).toBe(403);
  });

  it('takes bundles that are larger than other bodies, up to its own limit', async () => {
    const rules = (count: number) =>
      Array.from({ length: count }, (_, index) => bundled(`large-${index}`, { description: 'x'.repeat(4_500) }));
    const large = dataOf(await imported(bundleOf(rules(400)), { dryRun: true }));
    expect(large).toMatchObject({ created: 400 });
    expect((await imported(bundleOf(rules(2_000)), { dryRun: true })).body).toMatchObject({ code: 'body-too-large' });
  });
});
