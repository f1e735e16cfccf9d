import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JobSweeper } from '../../src/platform/queue/job-sweeper.js';
import { ImportWorker } from '../../src/crm/imports/import-worker.js';
import { codeOf, type Crm, dataOf, type Import, leadBody, startCrm } from './crm-fixture.js';

const ndjson = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const many = (count: number): object[] => Array.from({ length: count }, () => leadBody());

interface Refused {
  readonly line: number;
  readonly outcome: string;
  readonly reason: string;
  readonly duplicateOf: string | null;
  readonly content: unknown;
}

describe('an import', () => {
  let crm: Crm;

  beforeAll(async () => {
    crm = await startCrm('all');
  });

  afterAll(() => crm.stop());

  const imported = async (text: string | Buffer, query = '', type?: string): Promise<Import> => {
    const received = await crm.upload(text, query, type);
    expect(received.status).toBe(202);
    return crm.finished(dataOf<{ jobId: string }>(received).jobId);
  };
  const refusedBy = async ({ id }: Import): Promise<Refused[]> => {
    const response = await crm.get(`/leads/imports/${id}/errors`);
    return response.text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Refused);
  };

  it('creates leads, tells what became of every row, and has the leads decided about', async () => {
    const stored = leadBody({}, { name: 'The Stored Pantry Kitchen', website: 'stored.example' });
    const storedId = await crm.create(stored);
    const rows = many(1200);
    const [first, second] = rows as [ReturnType<typeof leadBody>, ReturnType<typeof leadBody>];
    const text =
      ndjson(rows) +
      ndjson([
        stored,
        leadBody({}, { name: 'Stored Pantry Kitchen, the', website: 'https://stored.example/' }),
        first,
        { ...leadBody(), source: 'radio' },
        leadBody({}, { website: 'no where' }),
        leadBody({}, { name: 'The Twin Pantry Kitchen', website: 'twin.example' }),
        leadBody({}, { name: 'Twin Pantry Kitchen, the', website: 'twin.example' }),
        leadBody({ phone: '+1 415 555 3000' }),
        leadBody({ phone: '+14155553000' }),
        leadBody({}, {}, { assigneeId: storedId }),
      ]) +
      '{"source": \n\n' +
      `{"source":"api","company":{"name":"\\u0000"}}`;
    const done = await imported(text);
    expect(done).toMatchObject({
      status: 'completed',
      counts: { total: 1212, created: 1202, duplicate: 5, rejected: 5 },
      progress: 1,
    });
    const idOf = async (email: unknown): Promise<string> =>
      dataOf<{ id: string }[]>(await crm.get(`/leads?search=${(email as { email: string }).email}`))[0]!.id;
    expect(await refusedBy(done)).toEqual([
      expect.objectContaining({ line: 1201, outcome: 'duplicate', duplicateOf: storedId, content: stored }),
      expect.objectContaining({ line: 1202, outcome: 'duplicate', duplicateOf: storedId }),
      expect.objectContaining({ line: 1203, outcome: 'duplicate', duplicateOf: await idOf(first.contact) }),
      expect.objectContaining({ line: 1204, outcome: 'rejected', reason: expect.stringMatching(/^source: /) }),
      expect.objectContaining({
        line: 1205,
        outcome: 'rejected',
        reason: expect.stringMatching(/^company\/website: /),
      }),
      expect.objectContaining({
        line: 1207,
        outcome: 'duplicate',
        reason: 'Line 1206 is the same.',
        duplicateOf: null,
      }),
      expect.objectContaining({ line: 1209, outcome: 'duplicate', reason: 'Line 1208 is the same.' }),
      expect.objectContaining({ line: 1210, outcome: 'rejected', reason: expect.stringMatching(/^assigneeId: /) }),
      expect.objectContaining({ line: 1211, outcome: 'rejected', content: '{"source": ' }),
      expect.objectContaining({ line: 1213, outcome: 'rejected', reason: expect.stringMatching(/NUL/) }),
    ]);
    const csv = await crm.get(`/leads/imports/${done.id}/errors?format=csv`);
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(csv.headers['content-disposition']).toBe(`attachment; filename="import-${done.id}-errors.csv"`);
    expect(csv.text.split('\r\n')).toHaveLength(12);

    const told = await crm.events(await idOf(second.contact));
    const [cause] = await crm.events(done.id);
    expect(cause).toMatchObject({ type: 'crm.lead-import-queued', actor_id: crm.demo.userIds[0] });
    expect(told[0]).toMatchObject({ type: 'crm.lead-created', causation_id: cause!.id, depth: 1 });
    const decided = () => crm.count(`events where type = 'rules.executed'`);
    while ((await decided()) < 1203) await sleep(100);
    await sleep(200);
    expect(await decided()).toBe(1203);
    expect(await crm.count(`(select distinct subject_id from events where type = 'rules.executed') subject`)).toBe(
      1203,
    );
    expect(await crm.count('lead_import_chunks')).toBe(0);
  });

  it('stores a lead as POST /leads does', async () => {
    const company = {
      industry: 'restaurant',
      size: 'large',
      website: 'https://www.whole.example',
      annualRevenue: '1.50',
    };
    const others = {
      sourceDetail: 'Fair',
      requirements: { seats: 40, 'a.b': null },
      score: 7,
      assigneeId: crm.demo.userIds[1],
    };
    const lead = leadBody({ title: 'Chef', phone: '+49 30 901820' }, company, others);
    const [posted, again] = [await crm.create(lead), { ...lead, contact: { ...(lead.contact as object), email: 'x' } }];
    await crm.delete(`/leads/${posted}`);
    expect((await imported(ndjson([lead, again]))).counts).toMatchObject({ created: 1, rejected: 1 });
    const { rows } = await crm.owner.query<Record<string, unknown>>(
      `select to_jsonb(leads) - '{id,version,created_at,updated_at,deleted_at}'::text[] as state from leads
       where folded_email = (select folded_email from leads where id = $1)`,
      [posted],
    );
    expect(rows).toHaveLength(2);
    expect(rows[0]).toEqual(rows[1]);
  });

  it('that is a dry run counts as the real one will, and creates nothing', async () => {
    const rows = many(600);
    const twin = leadBody({}, { name: 'The Dry Pantry Kitchen', website: 'dry.example' });
    const text = ndjson([
      twin,
      ...rows,
      rows[0],
      leadBody({}, { name: 'Dry Pantry Kitchen, the', website: 'dry.example' }),
      {},
    ]);
    const before = await crm.count('leads');
    const dry = await imported(text, '?dryRun=true');
    expect(dry.counts).toEqual({ total: 604, created: 601, duplicate: 2, rejected: 1 });
    expect([await crm.count('leads'), await crm.count('lead_import_previews')]).toEqual([before, 0]);
    expect((await imported(text)).counts).toEqual(dry.counts);
    expect(await crm.count('leads')).toBe(before + 601);
  });

  it('reads CSV with columns named by us or by a mapping', async () => {
    const columns = {
      Firma: 'company.name',
      Umsatz: 'company.annualRevenue',
      Plätze: 'requirements.seats',
      Notiz: null,
    };
    const header = '\uFEFFFirma,contact.firstName,contact.lastName,contact.email,Umsatz,Plätze,Notiz,score';
    const lines = [
      header,
      '"Küche ""Nord"", Kiel",Ann,Lee,csv.1@bistro.example,1000.50,40,"two\nlines",7',
      'Zu kurz,Ann',
      'Bea,Bea,Lee,csv.2@bistro.example,,,,high',
      'Cem,Cem,Lee,csv.3@bistro.example,,,,',
    ];
    const done = await imported(
      lines.join('\r\n'),
      `?mapping=${encodeURIComponent(JSON.stringify(columns))}`,
      'text/csv; charset=utf-8',
    );
    expect(done.counts).toEqual({ total: 4, created: 2, duplicate: 0, rejected: 2 });
    expect((await refusedBy(done)).map(({ line, reason }) => [line, reason.slice(0, 11)])).toEqual([
      [4, 'The row has'],
      [5, 'score: scor'],
    ]);
    expect(dataOf<object[]>(await crm.get('/leads?search=csv.1@bistro'))[0]).toMatchObject({
      source: 'import',
      score: 7,
      company: { name: 'Küche "Nord", Kiel', annualRevenue: 1000.5 },
      requirements: { seats: '40' },
    });
  });

  const refusals: [string, Parameters<Crm['upload']>, [number, string]][] = [
    ['no UTF-8', [Buffer.from([0x7b, 0xff, 0x0a])], [400, 'body-is-no-utf-8']],
    ['a line without end', ['x'.repeat(2_000_000)], [400, 'line-too-long']],
    ['nothing', ['', '', 'text/csv'], [400, 'empty-body']],
    ['a quote without end', ['company.name\n"x', '', 'text/csv'], [400, 'invalid-csv']],
    ['unknown columns', ['name,mail\na,b', '', 'text/csv'], [422, 'unknown-columns']],
    ['a senseless mapping', ['name\na', '?mapping={"name":"nome"}', 'text/csv'], [400, 'invalid-mapping']],
    ['JSON', ['{}', '', 'application/json'], [415, 'unsupported-media-type']],
  ];

  it.each(refusals)('refuses %s, and takes nothing of it in', async (_, upload, problem) => {
    expect(codeOf(await crm.upload(...upload))).toEqual(problem);
    expect(await crm.count('lead_import_chunks')).toBe(0);
    expect(await crm.count(`lead_imports where status in ('receiving', 'queued', 'running')`)).toBe(0);
  });

  it('comes in once however often its request is repeated', async () => {
    const text = ndjson(many(3));
    const headers = { 'Idempotency-Key': 'import-once' };
    const first = await crm.upload(text, '', undefined, headers);
    const again = await crm.upload(text, '', undefined, headers);
    expect(dataOf(again)).toEqual(dataOf(first));
    expect((await crm.finished(dataOf<{ jobId: string }>(first).jobId)).counts.created).toBe(3);
    const [twin] = dataOf<Import[]>(await crm.get('/leads/imports?limit=1'));
    expect(twin).toMatchObject({ status: 'failed', counts: { created: 0 } });
  });

  it('is listed, and seen by its own organization alone', async () => {
    const list = await crm.get('/leads/imports?limit=2');
    expect(list.body).toMatchObject({ pagination: { page: 1, nextCursor: expect.any(String) } });
    const [{ id }] = dataOf<[Import]>(list);
    expect((await crm.get(`/leads/imports/${id}`)).status).toBe(200);
    for (const path of [`/leads/imports/${id}`, `/leads/imports/${id}/errors`]) {
      expect((await crm.get(path, undefined, {}, 'second')).status).toBe(404);
    }
    expect((await crm.post(`/leads/imports/${id}/cancel`, {}, {}, 'second')).status).toBe(404);
    expect(codeOf(await crm.post(`/leads/imports/${id}/cancel`, {}))).toEqual([409, 'import-finished']);
  });
});

describe('an import whose workers come and go', () => {
  let crm: Crm;

  // Without workers of its own, so that the test says when a job runs.
  beforeAll(async () => {
    crm = await startCrm('api');
  });

  afterAll(() => crm.stop());

  const received = async (count: number): Promise<string> =>
    dataOf<{ jobId: string }>(await crm.upload(ndjson(many(count)))).jobId;
  const work = (importId: string, signal?: AbortSignal): Promise<void> =>
    crm.app.get(ImportWorker).handle({ organizationId: crm.demo.organizationId, importId }, signal);
  const read = async (id: string): Promise<Import> => dataOf<Import>(await crm.get(`/leads/imports/${id}`));
  const expire = (id: string): Promise<unknown> =>
    crm.owner.query('update lead_imports set lease_until = now() where id = $1', [id]);
  const expectOnce = async (id: string, count: number): Promise<void> => {
    expect(await read(id)).toMatchObject({ status: 'completed', counts: { total: count, created: count } });
    const told = `events where type = 'crm.lead-created'
      and causation_id = (select cause_id from lead_imports where id = $1)`;
    expect(await crm.count(told, [id])).toBe(count);
    expect(await crm.count(`leads where id in (select substr(stream, 6)::uuid from ${told})`, [id])).toBe(count);
  };

  const workUntilDone = async (id: string): Promise<void> => {
    while ((await read(id)).status !== 'completed') await Promise.all([work(id), work(id), work(id)]);
  };

  it('is taken in once by several at the same time', async () => {
    const id = await received(2_000);
    await workUntilDone(id);
    await expectOnce(id, 2_000);
  });

  it('goes on where one was stopped in the middle of a chunk', async () => {
    const id = await received(2_000);
    let failures = 0;
    for (let attempt = 0; failures < 3 && attempt < 20; attempt++) {
      let isWorking = true;
      const working = work(id).catch(() => (failures += 1));
      void working.finally(() => (isWorking = false));
      for (let isStopped = false; isWorking && !isStopped; await sleep(2)) {
        const stopped = await crm.owner.query(
          `select pg_cancel_backend(pid) from pg_stat_activity
           where datname = current_database() and application_name = 'proviso-aggregates' and state = 'active'
             and query ilike '%insert into leads%'`,
        );
        isStopped = stopped.rowCount! > 0;
      }
      await working;
      await expire(id);
    }
    expect(failures).toBeGreaterThan(1);
    await workUntilDone(id);
    await expectOnce(id, 2_000);
  });

  it('is left to the worker that has it, until its lease is over', async () => {
    const id = await received(1_000);
    await crm.owner.query(
      `update lead_imports set status = 'running', lease_owner = gen_random_uuid(), lease_until = now() + interval '1 minute'
       where id = $1`,
      [id],
    );
    await work(id);
    expect(await read(id)).toMatchObject({ status: 'running', progress: 0 });
    await expire(id);
    await workUntilDone(id);
    await expectOnce(id, 1_000);
  });

  it('is handed on when the process ends', async () => {
    const id = await received(1_000);
    await work(id, AbortSignal.abort());
    expect(await read(id)).toMatchObject({ status: 'running', progress: 0.5 });
    await workUntilDone(id);
    await expectOnce(id, 1_000);
  });

  it('is found by the sweeper when its job was lost, and given up when its upload broke off', async () => {
    const id = await received(10);
    await crm.owner.query('delete from bullmq.job');
    await crm.app.get<JobSweeper<unknown>>('imports-sweeper').sweep();
    const jobs = await crm.owner.query<{ data: unknown }>(`select * from bullmq.job`);
    expect(JSON.stringify(jobs.rows)).toContain(id);
    await crm.owner.query(`update lead_imports set status = 'receiving' where id = $1`, [id]);
    await work(id);
    expect(await read(id)).toMatchObject({ status: 'failed', failure: 'The upload broke off.' });
    expect(await crm.count('lead_import_chunks')).toBe(0);
  });

  it('takes in nothing more once cancelled', async () => {
    const id = await received(1_000);
    await work(id, AbortSignal.abort());
    expect((await crm.post(`/leads/imports/${id}/cancel`)).status).toBe(200);
    await work(id);
    expect(await read(id)).toMatchObject({ status: 'cancelled', counts: { created: 500 } });
    expect((await crm.post(`/leads/imports/${id}/cancel`)).status).toBe(200);
    expect(await crm.count('lead_import_chunks')).toBe(0);
  });

  it('fails when a chunk fails for good, and says why', async () => {
    const id = await received(10);
    await crm.owner.query(`update lead_import_chunks set rows = '[{"line":1,"content":{}},{"line":1,"content":{}}]'`);
    for (let attempt = 1; attempt <= 5; attempt++) {
      await expect(work(id)).rejects.toThrow();
      expect((await read(id)).status).toBe(attempt < 5 ? 'running' : 'failed');
      await expire(id);
    }
    expect((await read(id)).failure).toMatch(/refused a statement/);
  });
});
