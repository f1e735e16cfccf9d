import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { codeOf, type Crm, dataOf, leadBody, startCrm } from './crm-fixture.js';

let crm: Crm;

beforeAll(async () => {
  crm = await startCrm('all');
});

afterAll(() => crm.stop());

type Lead = Record<string, unknown> & { id: string; version: number };

describe('a lead', () => {
  it('comes in whole, and can be read, changed and deleted', async () => {
    const body = leadBody(
      { title: 'Chef', phone: '+1 415 555 2600' },
      { industry: 'restaurant', size: 'medium', website: 'https://nord.example', annualRevenue: '1250000.50' },
      { sourceDetail: 'Fair', requirements: { constructor: 'x', seats: 40 } },
    );
    const created = await crm.post('/leads', body);
    expect([created.status, created.headers['etag']]).toEqual([201, '"1"']);
    const lead = dataOf<Lead>(created);
    expect(lead).toMatchObject({
      ...body,
      company: { ...(body.company as object), annualRevenue: 1250000.5 },
      status: 'new',
      score: 0,
      assigneeId: null,
      createdBy: crm.demo.userIds[0],
    });
    expect(dataOf<Lead>(await crm.get(`/leads/${lead.id}`))).toEqual(lead);

    const change = { status: 'contacted', company: { annualRevenue: null }, assigneeId: crm.demo.userIds[1] };
    const changed = await crm.put(`/leads/${lead.id}`, change, { 'If-Match': '"1"' });
    expect(dataOf<Lead>(changed)).toMatchObject({
      version: 2,
      status: 'contacted',
      company: { name: (body.company as Lead).name, annualRevenue: null },
      assigneeId: crm.demo.userIds[1],
    });
    expect(codeOf(await crm.put(`/leads/${lead.id}`, change, { 'If-Match': '"1"' }))).toEqual([412, 'stale-version']);
    const refused = await crm.put(`/leads/${lead.id}`, { status: 'converted' });
    expect(codeOf(refused)).toEqual([409, 'transition-not-allowed']);
    expect(refused.body).toMatchObject({ allowed: ['nurturing', 'qualified', 'disqualified'] });

    expect((await crm.delete(`/leads/${lead.id}`)).status).toBe(200);
    expect((await crm.get(`/leads/${lead.id}`)).status).toBe(404);
    expect((await crm.put(`/leads/${lead.id}`, { score: 1 })).status).toBe(404);
  });

  it.each([
    ['a status other than new', { status: 'contacted' }, 400, '#/status'],
    ['a source that is none', { source: 'radio' }, 400, '#/source'],
    ['an unknown field', { rating: 1 }, 400, '#/rating'],
    ['no company name', { company: {} }, 400, '#/company/name'],
    ['a website that is none', { company: { name: 'A', website: 'javascript:alert(1)' } }, 422, '#/company/website'],
    ['an assignee from nowhere', { assigneeId: '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44' }, 422, '#/assigneeId'],
  ])('is refused with %s', async (_, others, status, pointer) => {
    const response = await crm.post('/leads', leadBody({}, {}, others));
    expect(response.status).toBe(status);
    expect(response.body).toMatchObject({ errors: [{ pointer }] });
  });

  it('comes in once however often a request is repeated', async () => {
    const body = leadBody();
    const headers = { 'Idempotency-Key': 'lead-once' };
    const answers = await Promise.all([1, 2, 3].map(() => crm.post('/leads', body, headers)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map((answer) => dataOf<Lead>(answer).id)).size).toBe(1);
    expect(codeOf(await crm.post('/leads', leadBody(), headers))).toEqual([422, 'idempotency-key-reused']);
  });

  it('is seen by its own organization alone, and needs permission', async () => {
    const id = await crm.create();
    expect((await crm.get(`/leads/${id}`, undefined, {}, 'second')).status).toBe(404);
    expect((await crm.put(`/leads/${id}`, { score: 1 }, {}, 'second')).status).toBe(404);
    expect((await crm.get(`/leads?search=bistro`, undefined, {}, 'second')).body).toMatchObject({ data: [] });
    expect((await crm.get('/leads', undefined, { Authorization: '' })).status).toBe(401);
  });
});

describe('duplicates', () => {
  const known = {
    contact: { email: 'Known.Lead@Gmail.com', phone: '+1 415 555 2671' },
    company: { name: 'The Golden Pantry Restaurant', website: 'https://www.golden-pantry.example/menu' },
  };
  let id: string;

  beforeAll(async () => {
    id = await crm.create(leadBody(known.contact, known.company));
  });

  it.each([
    ['the same mailbox', { email: 'knownlead+fair@googlemail.com' }, {}],
    ['the same phone', { phone: '+14155552671' }, {}],
    ['a similar name on the same website', {}, { ...known.company, name: 'Golden Pantry Restaurant, the' }],
  ])('are found by %s', async (_, contact, company) => {
    const response = await crm.post('/leads', leadBody(contact, company));
    expect(codeOf(response)).toEqual([409, 'duplicate-lead']);
    expect(response.body).toMatchObject({
      success: false,
      error: 'Duplicate lead detected',
      duplicates: [{ id, name: expect.stringMatching(/^Ann Lee \d+$/) }],
    });
  });

  it.each([
    ['the same domain of e-mail', { email: 'other@gmail.com' }, {}],
    ['the same name on another website', {}, { ...known.company, website: 'pantry.example' }],
    ['the same name without a website', {}, { name: known.company.name }],
    ['another name on the same website', {}, { ...known.company, name: 'Golden Pantry Catering' }],
  ])('are not what has %s', async (_, contact, company) => {
    expect((await crm.post('/leads', leadBody(contact, company))).status).toBe(201);
  });

  it('may be created on purpose, and the trail says by whom', async () => {
    const again = leadBody({ email: 'known.lead@gmail.com' });
    const response = await crm.post('/leads?allowDuplicate=true', again);
    expect(response.status).toBe(201);
    const told = (await crm.events(dataOf<Lead>(response).id)).find(
      ({ type }) => type === 'crm.lead-duplicate-allowed',
    );
    expect(told).toMatchObject({ payload: { duplicates: [id] }, actor_id: crm.demo.userIds[0] });
  });

  it('are not looked for in other organizations or among deleted leads', async () => {
    expect((await crm.post('/leads', leadBody(known.contact), {}, 'second')).status).toBe(201);
    const body = leadBody();
    await crm.delete(`/leads/${await crm.create(body)}`);
    expect((await crm.post('/leads', body)).status).toBe(201);
  });

  it.each([
    ['mailbox', (n: number) => leadBody({ email: `race+${n}@outlook.com` })],
    ['website', () => leadBody({}, { name: 'Racing Kitchen', website: 'racing.example' })],
  ])('cannot slip in at the same time by the same %s', async (_, body) => {
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => crm.post('/leads', body(n))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  });
});

describe('the list of leads', () => {
  const companies = ['Aster', 'Birch', 'Birch', 'Cedar', 'Date_1', 'Date%1', 'Elder'];
  let ids: string[];

  beforeAll(async () => {
    ids = [];
    for (const [index, name] of companies.entries()) {
      const others = { source: 'partner', score: (index % 3) * 10 };
      ids.push(await crm.create(leadBody({ lastName: `Listed${index}` }, { name: `Listed ${name}` }, others)));
    }
    await crm.put(`/leads/${ids[0]}`, { status: 'contacted', assigneeId: crm.demo.userIds[1] });
  });

  const list = async (query: string): Promise<Lead[]> =>
    dataOf<Lead[]>(await crm.get(`/leads?source=partner&${query}`));
  const placesIn = (leads: Lead[]): number[] => leads.map(({ id }) => ids.indexOf(id));

  it('is filtered', async () => {
    expect(placesIn(await list('status=contacted'))).toEqual([0]);
    expect(placesIn(await list(`assigneeId=${crm.demo.userIds[1]}`))).toEqual([0]);
    expect(placesIn(await list('minScore=10&maxScore=10'))).toEqual([4, 1]);
    const createdAt = String(dataOf<Lead>(await crm.get(`/leads/${ids[3]}`)).createdAt);
    expect(placesIn(await list(`createdFrom=${createdAt}`))).toEqual([6, 5, 4, 3]);
    expect(placesIn(await list(`createdTo=${createdAt}`))).toEqual([2, 1, 0]);
    expect(placesIn(await list('search=listed%20BIRCH'))).toEqual([2, 1]);
    expect(placesIn(await list('search=e_1'))).toEqual([4]);
    expect(placesIn(await list('search=e%251'))).toEqual([5]);
    expect(placesIn(await list('search=listed6'))).toEqual([6]);
  });

  it.each([
    ['sort=createdAt&order=desc', [6, 5, 4, 3, 2, 1, 0]],
    ['sort=createdAt&order=asc', [0, 1, 2, 3, 4, 5, 6]],
    ['sort=score&order=desc', [5, 2, 4, 1, 6, 3, 0]],
    ['sort=score&order=asc', [0, 3, 6, 1, 4, 2, 5]],
    ['sort=company.name&order=asc', [0, 1, 2, 3, 5, 4, 6]],
  ])('is sorted by %s, and read on behind a cursor without gap or repeat', async (query, expected) => {
    const byName = (places: number[]): string[] => places.map((place) => companies[place]!);
    const read: Lead[] = [];
    let cursor = '';
    do {
      const response = await crm.get(`/leads?source=partner&limit=2&${query}${cursor}`);
      read.push(...dataOf<Lead[]>(response));
      const { nextCursor } = (response.body as { pagination: { nextCursor?: string } }).pagination;
      cursor = nextCursor ? `&cursor=${nextCursor}` : '';
    } while (cursor);
    // How names with signs are ordered is up to the server's collation.
    if (query.includes('name'))
      expect(byName(placesIn(read)).filter((name) => !/\d/.test(name))).toEqual([
        'Aster',
        'Birch',
        'Birch',
        'Cedar',
        'Elder',
      ]);
    else expect(placesIn(read)).toEqual(expected);
    expect(new Set(placesIn(read)).size).toBe(7);
  });

  it('has numbered pages, and refuses a cursor of another order', async () => {
    const second = await crm.get('/leads?source=partner&limit=3&page=2');
    expect(second.body).toMatchObject({ pagination: { total: 7, page: 2, limit: 3, pages: 3 } });
    expect(placesIn(dataOf<Lead[]>(second))).toEqual([3, 2, 1]);
    const { nextCursor } = (second.body as { pagination: { nextCursor: string } }).pagination;
    expect(codeOf(await crm.get(`/leads?sort=score&cursor=${nextCursor}`))).toEqual([400, 'bad-cursor']);
  });

  it('is searched by an index, in the own organization alone', async () => {
    const { owner, demo, second } = crm;
    await owner.query(
      `insert into leads (organization_id, id, source, status, score, company_name, contact_first_name,
         contact_last_name, contact_email, folded_email, website_domain, created_at, created_by, updated_at)
       select $1, gen_random_uuid(), 'api', 'new', 0, md5(n::text), 'A', md5((-n)::text), 'a@b.example', 'a@b.example',
         'same.example', now(), $1, now() from generate_series(1, 20000) n`,
      [second.organizationId],
    );
    await owner.query('vacuum analyze leads');
    const plan = async (name: string, values: Record<string, string>): Promise<string> => {
      const { rows } = await owner.query<{ body: string }>('select prosrc as body from pg_proc where proname = $1', [
        name,
      ]);
      let statement = /return query([^;]+);/.exec(rows[0]!.body)![1]!;
      for (const [parameter, value] of Object.entries(values)) {
        statement = statement.replaceAll(new RegExp(`(?<![.\\w"])${parameter}(?![\\w"])`, 'g'), value);
      }
      await owner.query('begin');
      await owner.query('set local role proviso_search');
      await owner.query("select set_config('app.organization_id', $1, true)", [demo.organizationId]);
      const explained = await owner.query<{ 'QUERY PLAN': string }>(`explain ${statement}`);
      await owner.query('rollback');
      return explained.rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    expect(await plan('find_leads', { pattern: "'%golden%'", at_most: '100' })).toMatch(/Index Scan on leads_texts/);
    const candidates = `'[{"place":1,"companyName":"Golden Pantry","websiteDomain":"same.example"}]'`;
    expect(await plan('find_similar_leads', { candidates, at_most: '5' })).toMatch(/Index Scan on leads_texts/);
    const found = await crm.get(`/leads?search=${'c4ca4238a0'}`);
    expect(dataOf(found)).toEqual([]);
    expect(dataOf(await crm.get('/leads?search=c4ca4238a0', undefined, {}, 'second'))).toHaveLength(1);
  });
});

describe('a lead that came in', () => {
  beforeAll(async () => {
    const rule = {
      entity: 'lead',
      name: 'Large restaurants',
      condition: {
        and: [
          { '==': [{ var: 'lead.company.industry' }, 'restaurant'] },
          { '==': [{ var: 'lead.company.size' }, 'large'] },
        ],
      },
      actions: [
        { type: 'adjust_field', parameters: { field: 'lead.score', by: 40, max: 100 } },
        { type: 'set_field', parameters: { field: 'lead.assigneeId', value: crm.demo.userIds[1] } },
        { type: 'update_status', parameters: { status: 'contacted' } },
        { type: 'create_task', parameters: { title: 'Call {{lead.company.name}}', dueIn: 'P2D', priority: 'high' } },
      ],
    };
    expect((await crm.post('/business-rules', rule)).status).toBe(201);
    const refused = { ...rule, name: 'Too high', condition: { '==': [{ var: 'lead.sourceDetail' }, 'too-high'] } };
    const actions = [{ type: 'set_field', parameters: { field: 'lead.score', value: 101 } }];
    expect((await crm.post('/business-rules', { ...refused, actions })).status).toBe(201);
  });

  const large = { industry: 'restaurant', size: 'large' };
  const decided = (id: string): Promise<Lead> =>
    eventually(async () => {
      const told = await crm.events(id);
      if (!told.some(({ type }) => type === 'rules.executed')) throw new Error('not decided yet');
      return dataOf<Lead>(await crm.get(`/leads/${id}`));
    });

  it('is decided about once, each on its own trail', async () => {
    const trail = (n: number): object => ({ 'X-Correlation-Id': `decided-${n}-trail` });
    const created = await Promise.all([0, 1, 2, 3].map((n) => crm.post('/leads', leadBody({}, large), trail(n))));
    for (const [n, response] of created.entries()) {
      const { id, company } = dataOf<Lead & { company: { name: string } }>(response);
      expect(await decided(id)).toMatchObject({
        score: 40,
        status: 'contacted',
        assigneeId: crm.demo.userIds[1],
        version: 2,
      });
      const told = await crm.events(id);
      expect(told.filter(({ type }) => type === 'rules.executed')).toHaveLength(1);
      const [cause, ...effects] = told;
      expect(cause).toMatchObject({ type: 'crm.lead-created', depth: 0, subject_id: id });
      expect(effects.map(({ type }) => type).sort()).toEqual([
        'crm.lead-assigned',
        'crm.lead-scored',
        'crm.lead-status-changed',
        'crm.task-created',
        'rules.executed',
      ]);
      for (const effect of effects) {
        const expected = { correlation_id: `decided-${n}-trail`, causation_id: cause!.id, depth: 1, subject_id: id };
        expect(effect).toMatchObject(expected);
      }
      const { rows } = await crm.owner.query(
        `select title, priority, status, due_at - created_at = interval '2 days' as is_due from tasks where subject_id = $1`,
        [id],
      );
      expect(rows).toEqual([{ title: `Call ${company.name}`, priority: 'high', status: 'open', is_due: true }]);
    }
  });

  it('is left alone by effects that its state refuses, which its record tells, while others are decided about', async () => {
    const [bad, good] = await Promise.all([
      crm.create(leadBody({}, {}, { sourceDetail: 'too-high' })),
      crm.create(leadBody({}, large)),
    ]);
    expect(await decided(good)).toMatchObject({ score: 40 });
    const record = await eventually(async () => {
      const told = (await crm.events(bad)).find(({ type }) => type === 'rules.executed');
      if (!told) throw new Error('not decided yet');
      return told;
    });
    expect(record.payload).toMatchObject({
      outcome: 'effects_rolled_back',
      effects: [{ applied: false, status: 'rolled_back' }],
      errors: [{ code: 'invalid-score' }],
    });
    expect(dataOf<Lead>(await crm.get(`/leads/${bad}`))).toMatchObject({ score: 0, version: 1 });
  });

  it('can be decided about again by hand, and overrides what the caller says of it', async () => {
    const id = await crm.create(leadBody({}, { ...large, size: 'small' }));
    await decided(id);
    await crm.put(`/leads/${id}`, { company: { size: 'large' } });
    const context = { lead: { company: { size: 'small' } } };
    const execution = await crm.post('/rules/engine/execute', {
      entryPoint: 'crm.lead.created',
      context,
      subject: { type: 'lead', id },
    });
    expect(execution.status).toBe(200);
    expect(dataOf<Lead>(await crm.get(`/leads/${id}`))).toMatchObject({ score: 40, status: 'contacted' });
  });
});
