import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { type DemoPerson, startApplication, type TestApplication } from '../support/application.js';
import { eventually } from '../support/eventually.js';

const OWNER = 'owner@demo.test';
const AUDITOR = 'auditor@demo.test';
const contact = {
  firstName: 'Ingeborg',
  lastName: 'Halvorsen',
  email: 'ingeborg@halvorsen.example',
  phone: '+47 22114477',
};

let proviso: TestApplication;

beforeAll(async () => {
  proviso = await startApplication();
  const rules = [
    { '==': [{ var: 'lead.contact.firstName' }, 'Sigrid'] },
    { in: ['Halvorsen', { var: 'lead.contact.lastName' }] },
  ];
  for (const [index, condition] of rules.entries()) {
    const actions = [{ type: 'adjust_field', parameters: { field: 'lead.score', by: 5 } }];
    const rule = { name: `Rule ${index}`, entryPoint: 'crm.lead.created', publish: true, condition, actions };
    expect((await post('/business-rules', rule)).status).toBe(201);
  }
});

afterAll(() => proviso.stop());

const dataOf = <T>({ body }: Response): T => (body as { data: T }).data;
const post = async (path: string, body: object = {}, email?: DemoPerson): Promise<Response> =>
  proviso.call('post', path, email).send(body);
const read = async (path: string, email: DemoPerson = OWNER): Promise<Response> =>
  proviso.call('get', path, email).expect(200);
const readings = async (): Promise<number> =>
  dataOf<unknown[]>(await read('/audit/events?type=audit.sensitive-values-read&limit=100')).length;

interface Explanation {
  readonly isErased: boolean;
  readonly fates: Record<string, number>;
  readonly rules: readonly { readonly counterfactual?: { readonly changes: readonly object[] } }[];
}

it('explains and replays sealed decisions, tells values only to who may see them, and says when they are erased', async () => {
  const lead = { source: 'website', company: { name: 'Fjord Bistro' }, contact };
  const { id } = dataOf<{ id: string }>(await post('/leads', lead));
  const execution = await eventually(async () => {
    const [found] = dataOf<{ id: string }[]>(await read(`/business-rules/executions?subjectId=${id}`));
    expect(found).toBeDefined();
    return found!.id;
  });
  const explain = `/business-rules/executions/${execution}/explain`;
  const replay = `/business-rules/executions/${execution}/replay`;

  const masked = await read(explain);
  for (const word of Object.values(contact).filter((value) => value !== 'Halvorsen'))
    expect(masked.text).not.toContain(word);
  expect(dataOf<Explanation>(masked).fates).toEqual({ matched: 1, not_candidate: 1 });
  expect(await readings()).toBe(0);

  const plain = await read(explain, AUDITOR);
  expect(plain.text).toContain('Ingeborg');
  const other = dataOf<Explanation>(plain).rules.find(({ counterfactual }) => counterfactual);
  expect(other?.counterfactual?.changes).toEqual([{ path: 'lead.contact.firstName', from: 'Ingeborg', to: 'Sigrid' }]);
  expect(await readings()).toBe(1);
  expect(dataOf(await post(replay))).toMatchObject({ isEqual: true, reason: null, difference: [] });

  await post(`/audit/subjects/lead/${id}/erase`);
  await eventually(async () => {
    expect(dataOf(await post(replay))).toMatchObject({ isEqual: null, reason: 'erased', difference: [] });
  });
  const gone = await read(explain, AUDITOR);
  expect(dataOf<Explanation>(gone)).toMatchObject({ isErased: true, fates: { matched: 1 } });
  expect(gone.text).not.toContain('Ingeborg');
  expect(dataOf(await read('/audit/verify'))).toMatchObject({ ok: true });
});
