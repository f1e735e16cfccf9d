import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Response } from 'supertest';
import { EncryptionKeys } from '../../src/audit/erasure/encryption-keys.js';
import { ErasureModule } from '../../src/audit/erasure/erasure.module.js';
import { EventTypes } from '../../src/audit/event-types.js';
import { Sql } from '../../src/platform/database/sql.js';
import { SealedValues } from '../../src/rules/decisions/sealed-values.js';
import { type DemoPerson, startApplication, type TestApplication } from '../support/application.js';
import { eventually } from '../support/eventually.js';

const OWNER = 'owner@demo.test';
const AUDITOR = 'auditor@demo.test';
const STRANGER = 'owner@second.test';
const masked = { $encrypted: 'masked' };
const erased = { $encrypted: 'erased' };
const unreadable = { $encrypted: 'unreadable' };

interface Execution {
  readonly id: string;
  readonly context: { readonly lead: { readonly company: unknown; readonly contact: Record<string, unknown> } };
  readonly effects: readonly { readonly type: string; readonly parameters: Record<string, unknown> }[];
}
interface EventData {
  readonly id: string;
  readonly type: string;
  readonly actor: { readonly id: string };
  readonly payload: Record<string, unknown>;
}

let proviso: TestApplication;
let database: pg.Client;

beforeAll(async () => {
  proviso = await startApplication();
  database = new pg.Client({ connectionString: proviso.database.url });
  await database.connect();
  const variables = { to: '{{lead.contact.email}}', greeting: 'Hello {{lead.contact.firstName}}' };
  for (const action of [
    { type: 'trigger_workflow', parameters: { workflow: 'Nowhere', variables } },
    { type: 'adjust_field', parameters: { field: 'lead.score', by: 5 } },
  ]) {
    const rule = { name: action.type, entryPoint: 'crm.lead.created', publish: true, actions: [action] };
    expect((await post('/business-rules', { ...rule, condition: { '==': [1, 1] } })).status).toBe(201);
  }
});

afterAll(async () => {
  await database.end();
  await proviso.stop();
});

const dataOf = <T>({ body }: Response): T => (body as { data: T }).data;
const post = async (path: string, body: object = {}, email?: DemoPerson): Promise<Response> =>
  proviso.call('post', path, email).send(body);
const read = async <T>(path: string, email: DemoPerson = OWNER): Promise<T> => {
  const response = await proviso.call('get', path, email);
  expect([path, response.status]).toEqual([path, 200]);
  return dataOf<T>(response);
};
const eventsOf = (type: string, email: DemoPerson = OWNER): Promise<EventData[]> =>
  read<EventData[]>(`/audit/events?type=${type}&limit=100`, email);

let leads = 0;
const contactOf = () => ({
  firstName: 'Ingeborg',
  lastName: `Halvorsen${(leads += 1)}`,
  email: `ingeborg.${leads}@halvorsen.example`,
  phone: `+47 2211${1000 + leads}`,
});

/** A lead that came in, and the decision that was taken about it. */
async function decidedLead(contact: object = contactOf(), email: DemoPerson = OWNER): Promise<[string, Execution]> {
  const lead = { source: 'trade_show', company: { name: `Bistro ${leads}`, size: 'enterprise' }, contact };
  const { id } = dataOf<{ id: string }>(await post('/leads', lead, email));
  const [execution] = await eventually(async () => {
    const found = await read<Execution[]>(`/business-rules/executions?subjectId=${id}`, email);
    expect(found).toHaveLength(1);
    return found;
  });
  return [id, execution!];
}

const payloadsOfDecisions = async (): Promise<string> => {
  const { rows } = await database.query<{ payload: string }>(
    "select convert_from(payload, 'UTF8') as payload from events where type = 'rules.executed'",
  );
  return rows.map(({ payload }) => payload).join('\n');
};

describe('the decision about a lead', () => {
  it('is stored without a word about the person, shown masked, and in plain to an auditor, which is recorded', async () => {
    const contact = contactOf();
    const [leadId, execution] = await decidedLead(contact);
    const stored = await payloadsOfDecisions();
    expect(stored).toContain('"$encrypted"');
    for (const word of Object.values(contact)) expect(stored).not.toContain(word);
    const shown = { firstName: masked, lastName: masked, email: masked, phone: masked, title: null };
    expect(execution.context.lead).toMatchObject({ contact: shown, company: { size: 'enterprise' } });
    expect(execution.effects).toMatchObject([
      { parameters: { workflow: 'Nowhere', variables: { to: masked, greeting: masked } }, result: masked },
      { parameters: { field: 'lead.score', by: 5 }, result: 5 },
    ]);

    const before = await eventsOf('audit.sensitive-values-read', AUDITOR);
    const plain = await read<Execution>(`/business-rules/executions/${execution.id}`, AUDITOR);
    expect(plain.context.lead.contact).toMatchObject(contact);
    const variables = { to: contact.email, greeting: 'Hello Ingeborg' };
    expect(plain.effects).toMatchObject([{ parameters: { variables }, result: { reason: 'unknown-workflow' } }, {}]);
    expect(plain).not.toHaveProperty('sealed');
    const [list] = await read<Execution[]>(`/business-rules/executions?subjectId=${leadId}`, AUDITOR);
    expect(list).toEqual(plain);
    const reads = await eventsOf('audit.sensitive-values-read', AUDITOR);
    expect(reads).toHaveLength(before.length + 2);
    const { id: auditor } = await read<{ id: string }>('/auth/me', AUDITOR);
    expect(reads[0]).toMatchObject({
      actor: { id: auditor },
      subject: { type: 'lead', id: leadId },
      payload: { of: 'execution', ids: [execution.id] },
    });
  });

  it('is told in the history with masks, and once for each request in plain', async () => {
    const [leadId] = await decidedLead();
    type Row = { executionId: string; contextSnapshot: Execution['context'] };
    const ofLead = async (email: DemoPerson): Promise<Row[]> => {
      const [execution] = await read<Execution[]>(`/business-rules/executions?subjectId=${leadId}`);
      const rows = await read<Row[]>('/business-rules/execution-history', email);
      return rows.filter(({ executionId }) => executionId === execution!.id);
    };
    const rows = await ofLead(OWNER);
    expect(rows.length).toBeGreaterThan(1);
    expect(rows[0]!.contextSnapshot.lead.contact.email).toEqual(masked);
    const before = await eventsOf('audit.sensitive-values-read');
    expect((await ofLead(AUDITOR))[0]!.contextSnapshot.lead.contact.email).toContain('@halvorsen.example');
    expect(await eventsOf('audit.sensitive-values-read')).toHaveLength(before.length + 1);
  });

  it('is shown as stored by the audit routes, also to an auditor, so that hashes fit', async () => {
    const [leadId, { id }] = await decidedLead();
    const form = { $encrypted: { key: expect.any(String), value: expect.any(String) } };
    const lead = { contact: { email: form, phone: form } };
    expect((await read<EventData>(`/audit/events/${id}`, AUDITOR)).payload).toMatchObject({ context: { lead } });
    const timeline = await read<EventData[]>(`/audit/timeline/lead/${leadId}`, AUDITOR);
    expect(timeline.find((event) => event.id === id)!.payload).toMatchObject({ context: { lead } });
    const listed = await read<EventData[]>(`/audit/events?subjectId=${leadId}`, AUDITOR);
    expect(listed.find((event) => event.id === id)!.payload).toMatchObject({ context: { lead } });
    const exported = await proviso.call('get', '/audit/export', AUDITOR).buffer(true);
    expect(JSON.stringify(exported.text ?? exported.body)).not.toContain('halvorsen.example');
  });

  it('says erased once the subject was, while the trail verifies and others stay', async () => {
    const [leadId, { id }] = await decidedLead();
    const [, other] = await decidedLead();
    const erase = `/audit/subjects/lead/${leadId}/erase`;
    for (const email of ['manager@demo.test', AUDITOR] as const)
      expect((await post(erase, {}, email)).status).toBe(403);
    expect((await post(erase, {}, STRANGER)).status).toBe(404);

    const first = dataOf<{ destroyedKeys: number; erasedAt: string }>(await post(erase));
    expect(first).toMatchObject({ destroyedKeys: 1 });
    expect(dataOf(await post(erase))).toEqual({ ...first, destroyedKeys: 0 });
    const [event, ...more] = (await eventsOf('audit.subject-erased')).filter(({ payload }) => payload.generation === 1);
    expect([event, more]).toMatchObject([{ subject: { type: 'lead', id: leadId }, payload: { generation: 1 } }, []]);
    for (const email of [OWNER, AUDITOR] as const) {
      const { context } = await read<Execution>(`/business-rules/executions/${id}`, email);
      expect(context.lead.contact).toMatchObject({ firstName: erased, email: erased, title: null });
    }
    const spared = await read<Execution>(`/business-rules/executions/${other.id}`, AUDITOR);
    expect(spared.context.lead.contact.email).toContain('@halvorsen.example');
    await eventually(async () =>
      expect(await read('/audit/verify')).toMatchObject({ ok: true, faults: 0, unsealed: 0 }),
    );

    const subject = { type: 'lead', id: leadId };
    const again = { entryPoint: 'crm.lead.created', context: { lead: {} }, subject };
    const { executionId } = dataOf<{ executionId: string }>(await post('/rules/engine/execute', again));
    const anew = await read<Execution>(`/business-rules/executions/${executionId}`, AUDITOR);
    expect(anew.context.lead.contact.email).toContain('@halvorsen.example');
    const { rows } = await database.query(
      'select generation, wrapped_key is null as is_gone from subject_keys where subject_id = $1 order by generation',
      [leadId],
    );
    expect(rows).toEqual([
      { generation: 1, is_gone: true },
      { generation: 2, is_gone: false },
    ]);
  });

  it('is back-tested by its plain values, unless they are erased', async () => {
    const contact = contactOf();
    const [, execution] = await decidedLead(contact);
    const [gone] = await decidedLead();
    expect((await post(`/audit/subjects/lead/${gone}/erase`)).status).toBe(200);
    const condition = { '==': [{ var: 'lead.contact.email' }, contact.email] };
    const actions = [{ type: 'adjust_field', parameters: { field: 'lead.score', by: 1 } }];
    const draft = { name: 'Known', entryPoint: 'crm.lead.created', condition: false, actions, publish: true };
    const { id } = dataOf<{ id: string }>(await post('/business-rules', draft));
    const revision = { name: 'Known', condition, actions };
    expect((await proviso.call('put', `/business-rules/${id}`).send(revision)).status).toBe(200);

    const span = { from: '2026-01-01T00:00:00Z', to: '2200-01-01T00:00:00Z', cpuShare: 1 };
    const { jobId } = dataOf<{ jobId: string }>(await post(`/business-rules/${id}/backtest`, span));
    const { rows } = await database.query<{ all: number; erased: number }>(
      `select count(*)::int as all, count(*) filter (where subject_id in (
         select subject_id from subject_keys where wrapped_key is null and generation = 1))::int as erased
       from events where type = 'rules.executed' and organization_id = (select organization_id from rules where id = $1)`,
      [id],
    );
    const found = await eventually(async () => {
      const view = await read<{ status: string; result: object }>(`/business-rules/backtests/${jobId}`);
      expect(view).toMatchObject({ status: 'completed' });
      return view.result;
    }, 30_000);
    expect(found).toMatchObject({
      changed: 1,
      matched: { before: 0, after: 1 },
      examples: [{ executionId: execution.id }],
    });
    expect(rows[0]!.erased).toBeGreaterThan(0);
    const { decisions, erased } = found as { decisions: number; erased: number };
    expect(decisions + erased).toBe(rows[0]!.all);
    expect(erased).toBeGreaterThan(0);
  });
});

const entryPoint = (name: string, paths: object) => ({
  name,
  schema: {
    type: 'object',
    properties: {
      patient: { type: 'object', properties: { name: { type: 'string' } }, additionalProperties: false },
      visits: { type: 'array' },
      free: { type: 'object' },
    },
  },
  writableFields: ['free.note'],
  failurePolicy: 'fail_open',
  ...paths,
});

describe('an entry point of one’s own', () => {
  it('refuses hidden paths that no context can have, each at its place', async () => {
    const paths = {
      sensitivePaths: ['free', 'patient.illness', ''],
      personalPaths: ['visits.doctor', 'a..b', 'free.x'],
    };
    const refused = await post('/rules/entry-points', entryPoint('clinic.visit.refused', paths));
    const { code, errors } = refused.body as { code: string; errors: { pointer: string }[] };
    expect([refused.status, code]).toEqual([422, 'invalid-hidden-path']);
    expect(errors.map(({ pointer }) => pointer)).toEqual([
      '#/sensitivePaths/1',
      '#/sensitivePaths/2',
      '#/personalPaths/0',
      '#/personalPaths/1',
    ]);
  });

  it('seals what is sensitive with the organization’s key, answers in plain, and keeps no other copy', async () => {
    const name = 'clinic.visit.planned';
    const made = await post('/rules/entry-points', entryPoint(name, { sensitivePaths: ['free.illness', 'visits'] }));
    expect(dataOf(made)).toMatchObject({ sensitivePaths: ['free.illness', 'visits'], personalPaths: [] });
    const rule = {
      name: 'Note',
      entryPoint: name,
      publish: true,
      condition: { '==': [1, 1] },
      actions: [{ type: 'set_field', parameters: { field: 'free.note', value: 'Has {{free.illness}}.' } }],
    };
    expect((await post('/business-rules', rule)).status).toBe(201);
    const context = {
      free: { illness: 'zygomycosis-4711', other: { $encrypted: { key: 'x', value: 'y' } } },
      visits: [{ on: 'zygo-monday' }],
      $encrypted: 'erased',
    };
    const answer = await eventually(async () => {
      const response = await proviso
        .call('post', '/rules/engine/execute')
        .set('Idempotency-Key', 'zygo-key')
        .send({ entryPoint: name, context });
      const data = dataOf<{ executionId: string; actions: unknown[] }>(response);
      expect(data.actions).toMatchObject([{ parameters: { value: 'Has zygomycosis-4711.' } }]);
      return data;
    });
    expect(await payloadsOfDecisions()).not.toContain('zygo');
    const { rows } = await database.query("select from idempotency_keys where key = 'zygo-key'");
    expect(rows).toEqual([]);

    const path = `/business-rules/executions/${answer.executionId}`;
    expect(await read(path)).toMatchObject({
      context: {
        free: { illness: masked, other: { $$encrypted: { key: 'x', value: 'y' } } },
        visits: masked,
        $$encrypted: 'erased',
      },
      effects: [{ parameters: { field: 'free.note', value: masked } }],
    });
    expect(await read(path, AUDITOR)).toMatchObject({ context, effects: answer.actions });
    const { id: organizationId } = await read<{ id: string }>('/organizations/current');
    expect((await post(`/audit/subjects/organization/${organizationId}/erase`)).status).toBe(200);
    expect(await read(path, AUDITOR)).toMatchObject({ context: { free: { illness: erased }, visits: erased } });
  });
});

describe('what does not open', () => {
  it('is another organization’s key, even copied into a row of one’s own', async () => {
    const [leadId] = await decidedLead();
    const [theirLead, theirs] = await decidedLead(contactOf(), STRANGER);
    await database.query(
      `update subject_keys as mine set wrapped_key = theirs.wrapped_key from subject_keys as theirs
       where mine.subject_id = $1 and theirs.subject_id = $2`,
      [leadId, theirLead],
    );
    await database.query("update subject_keys set id = 'copied' where subject_id = $1", [leadId]);
    await database.query(
      "select raise_cache_head(organization_id, 'subject-keys') from subject_keys where subject_id = $1",
      [leadId],
    );
    await eventually(async () => {
      const subject = { type: 'lead', id: leadId };
      const response = await post('/rules/engine/execute', {
        entryPoint: 'crm.lead.created',
        context: { lead: {} },
        subject,
      });
      expect([response.status, (response.body as { code: string }).code]).toEqual([503, 'subject-key-unreadable']);
    });
    expect((await proviso.call('get', `/business-rules/executions/${theirs.id}`, AUDITOR)).status).toBe(404);
    expect((await post(`/audit/subjects/lead/${leadId}/erase`)).status).toBe(200);
    const subject = { type: 'lead', id: leadId };
    const healed = await post('/rules/engine/execute', {
      entryPoint: 'crm.lead.created',
      context: { lead: {} },
      subject,
    });
    expect(healed.status).toBe(200);
  });

  it('is a value that was changed: readers are told, and computing with it is refused', async () => {
    const [, { id }] = await decidedLead();
    const [stored] = (
      await database.query<{ payload: string }>(
        "select convert_from(payload, 'UTF8') as payload from events where id = $1",
        [id],
      )
    ).rows;
    const changed = stored!.payload.replace(
      /("value":"[^"]{20})(.)/,
      (_all, head: string, letter: string) => head + (letter === 'A' ? 'B' : 'A'),
    );
    await database.query('alter table events disable trigger user');
    await database.query("update events set payload = convert_to($2, 'UTF8') where id = $1", [id, changed]);
    await database.query('alter table events enable trigger user');
    const before = await eventsOf('audit.sensitive-values-read');
    const { context, ...rest } = await read<Execution>(`/business-rules/executions/${id}`, AUDITOR);
    expect(context.lead.contact.email).toEqual(unreadable);
    expect(await eventsOf('audit.sensitive-values-read')).toHaveLength(before.length);
    const { id: organizationId } = await read<{ id: string }>('/organizations/current');
    const view = { ...rest, context: (JSON.parse(changed) as Execution).context, sealed: true };
    await expect(proviso.app.get(SealedValues).reveal(organizationId, [view as never])).rejects.toMatchObject({
      code: 'sealed-values-unreadable',
      details: { executionId: id },
    });
    await eventually(async () => expect(await read('/audit/verify')).toMatchObject({ ok: false, faults: 1 }));
  });

  it('is anything under another ENCRYPTION_KEY, which stops the start and says which one is needed', async () => {
    const { rows } = await database.query<{ key_id: string }>('select key_id from encryption_keys');
    expect(rows).toHaveLength(1);
    const wrong = new EncryptionKeys([Buffer.alloc(32, 7).toString('base64')]);
    const starting = new ErasureModule(proviso.app.get(Sql), wrong, new EventTypes()).onModuleInit();
    await expect(starting).rejects.toThrow(`sealed with the encryption key ${rows[0]!.key_id}`);
    await proviso.app.get(ErasureModule).onModuleInit();
  });
});
