import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { Sql } from '../../src/platform/database/sql.js';
import { functionsAt } from '../../src/rules/functions/function-definitions.js';
import { startApplication, type TestApplication } from '../support/application.js';

let proviso: TestApplication;
let organizationId: string;
let sql: Sql;

beforeAll(async () => {
  proviso = await startApplication();
  sql = proviso.app.get(Sql);
  organizationId = dataOf<{ organizationId: string }>(await proviso.call('get', '/auth/me')).organizationId;
});

afterAll(() => proviso.stop());

const dataOf = <T>({ body }: Response): T => (body as { data: T }).data;
const post = async (path: string, body: object): Promise<Response> => {
  const response = await proviso.call('post', path).send(body);
  expect(response.body).toMatchObject({ success: true });
  return response;
};

const entryPoint = 'shop.order.versioned';
const sourceOf = (version: number) => ({ parameters: ['x'], source: `return x > ${version};` });
const rule = (names: readonly string[]) => ({
  name: 'Rule',
  condition: { or: names.map((name) => ({ fn: [name, 1] })) },
  actions: [{ type: 'set_field', parameters: { field: 'tier', value: 1 } }],
  publish: true,
});
const reviseFunction = async (name: string, version: number, publish = true): Promise<void> => {
  const body = { ...sourceOf(version), publish };
  expect((await proviso.call('put', `/rules/functions/${name}`).send(body)).status).toBe(200);
};
/** The functions of the set at each revision so far, as `name@version`. */
const history = async (): Promise<string[]> => {
  const [head] = await sql.read<{ revision: string }>(
    organizationId,
    'select revision from cache_heads where organization_id = $1 and scope = $2',
    [organizationId, `rules:${entryPoint}`],
  );
  const revisions = Array.from({ length: Number(head!.revision) }, (_, i) => i + 1);
  const sets = await Promise.all(revisions.map((revision) => functionsAt(sql, organizationId, entryPoint, revision)));
  return sets.map((set) => set.map(({ name, version }) => `${name}@${version}`).join(' '));
};

it('determines the functions of a rule set by its revision alone, whatever is changed later', async () => {
  const schema = { type: 'object' };
  await post('/rules/entry-points', { name: entryPoint, schema, writableFields: ['tier'], failurePolicy: 'fail_open' });
  for (const name of ['one', 'two']) await post('/rules/functions', { name, ...sourceOf(1), publish: true });

  const { id } = dataOf<{ id: string }>(await post('/business-rules', { ...rule(['one']), entryPoint }));
  await reviseFunction('two', 2); // called by no rule of the set
  await reviseFunction('one', 2, false); // not published
  await reviseFunction('one', 3);
  const second = dataOf<{ id: string }>(await post('/business-rules', { ...rule(['one', 'two']), entryPoint }));
  await post(`/business-rules/${second.id}/deactivate`, {});
  await proviso.call('put', `/business-rules/${id}`).send(rule(['two']));
  await reviseFunction('one', 4); // called by none any more

  expect(await history()).toEqual(['one@1', 'one@3', 'one@3 two@2', 'one@3', 'two@2']);
});

it('lets functions, rules and removals change at once without losing or breaking any', async () => {
  await post('/rules/functions', { name: 'busy', ...sourceOf(1), publish: true });
  const changes = Array.from({ length: 24 }, (_, i) => {
    if (i % 3 === 0) return proviso.call('put', '/rules/functions/busy').send({ ...sourceOf(i), publish: true });
    if (i % 3 === 1) return proviso.call('post', '/business-rules').send({ ...rule(['busy']), entryPoint });
    return proviso.call('delete', '/rules/functions/busy').set('If-Match', '"1"');
  });
  const statuses = (await Promise.all(changes)).map(({ status }) => status);
  expect(statuses.filter((status) => status >= 500)).toEqual([]);
  const [row] = await sql.read<{ open: string; live: number | null; wrong: string }>(
    organizationId,
    `select count(*) filter (where member.to_revision is null) as open, max(target.live_version) as live,
       count(*) filter (where member.to_revision is null and member.version <> target.live_version) as wrong
     from rule_set_functions as member join rule_functions as target
       on target.organization_id = member.organization_id and target.id = member.function_id
     where member.organization_id = $1 and member.entry_point = $2 and target.name = 'busy'`,
    [organizationId, entryPoint],
  );
  expect(Number(row!.wrong)).toBe(0);
  expect(Number(row!.open)).toBeLessThanOrEqual(1);
});
