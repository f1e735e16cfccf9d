import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { systemActor } from '../../src/identity/identity.contract.js';
import { DEFAULT_PAUSE, loadCrm } from '../../src/seed/load-crm.js';
import { madeUpLead } from '../../src/seed/made-up-leads.js';
import { seedLeads } from '../../src/seed/seed-leads.js';
import { leadRules } from '../../src/seed/shipped-crm.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { eventually } from '../support/eventually.js';

interface LeadAnswer {
  readonly id: string;
  readonly score: number;
  readonly assigneeId: string | null;
  readonly source: string;
  readonly company: { readonly size: string };
}

interface List<T> {
  readonly data: readonly T[];
}

const LEADS = 40;
let application: TestApplication;
let organizationId: string;
let people: ReadonlyMap<string, string>;

const load = () => {
  const { app } = application;
  const actor = systemActor(organizationId, { correlationId: 'a9b1f3a0-0000-4000-8000-000000000001' });
  return loadCrm({ commands: app.get(CommandBus), queries: app.get(QueryBus) }, actor, DEFAULT_PAUSE);
};

const list = async <T>(path: string): Promise<readonly T[]> =>
  ((await application.call('get', path).expect(200)).body as List<T>).data;

beforeAll(async () => {
  application = await startApplication();
  const users = await list<{ id: string; email: string }>('/users?limit=100');
  people = new Map(users.map(({ email, id }) => [email, id]));
  const me = await application.call('get', '/auth/me').expect(200);
  ({ organizationId } = (me.body as { data: { organizationId: string } }).data);
});

afterAll(() => application.stop());

describe('the shipped content', () => {
  it('is loaded once, however often it is asked for', async () => {
    const rules = leadRules({ senior: '', representative: '' }).length;
    expect(await load()).toEqual({ rules, workflows: 2, templates: 4 });
    expect(await load()).toEqual({ rules: 0, workflows: 0, templates: 0 });
    expect(await list('/business-rules?limit=100')).toHaveLength(rules);
  });

  it('scores and assigns every new lead, and writes to those who are interested', async () => {
    const { app } = application;
    const actor = systemActor(organizationId, { correlationId: 'a9b1f3a0-0000-4000-8000-000000000002' });
    await seedLeads(app.get(CommandBus), actor, 0, LEADS);
    const leads = await eventually(async () => {
      const decided = await list<LeadAnswer>('/leads?limit=100&minScore=1');
      const cold = await list<LeadAnswer>('/leads?limit=100&maxScore=0');
      const all = [...decided, ...cold.filter(({ assigneeId }) => assigneeId !== null)];
      expect(all).toHaveLength(LEADS);
      return all;
    });
    const seniors = leads.filter(({ assigneeId }) => assigneeId === people.get('manager@demo.test'));
    expect(seniors).toHaveLength(leads.filter(({ company }) => company.size === 'enterprise').length);
    expect(leads.filter(({ assigneeId }) => assigneeId === people.get('member@demo.test'))).toHaveLength(
      LEADS - seniors.length,
    );
    const interested = Array.from({ length: LEADS }, (_, index) => madeUpLead(index)).filter(
      ({ source }) => source === 'trade_show',
    );
    expect(interested.length).toBeGreaterThan(0);
    await eventually(async () => {
      const mails = await list<{ recipient: string; status: string }>('/emails?limit=100');
      expect(
        mails
          .filter(({ status }) => status === 'delivered')
          .map(({ recipient }) => recipient)
          .sort(),
      ).toEqual(interested.map(({ contact }) => contact.email).sort());
    });
  });
});
