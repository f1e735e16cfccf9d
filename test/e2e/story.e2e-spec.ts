import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { leadRules, welcomeTemplates, welcomeWorkflow } from '../../src/seed/shipped-crm.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { interestedAmong, leadsFrom, ndjson } from '../support/demo-content.js';
import { eventually } from '../support/eventually.js';
import { type MailServer, startMailServer } from '../support/mail-server.js';
import { hasOwnRedis, OwnRedis } from '../support/own-redis.js';
import { expectComplete, expectMailsOnce, expectSoundTrail, sumsOf } from '../support/sums.js';

const LEADS = 300;
const leads = leadsFrom(0, LEADS);
const interested = interestedAmong(leads);
const twins = leads.slice(0, 12);
const broken = Array.from({ length: 8 }, (_, index) => ({ ...leads[index], source: 'radio' }));
const backends = [{ name: 'PostgreSQL', isRedis: false }, ...(hasOwnRedis ? [{ name: 'Redis', isRedis: true }] : [])];

interface Member {
  readonly id: string;
  readonly email: string;
}

describe.each(backends)('from an import to the mails, with the queues in $name', ({ isRedis }) => {
  let redis: OwnRedis | undefined;
  let mails: MailServer;
  let application: TestApplication;
  let owner: pg.Pool;

  const get = async <T>(path: string): Promise<T> =>
    ((await application.call('get', path).expect(200)).body as { data: T }).data;
  const create = async (path: string, body: object): Promise<void> =>
    void (await application.call('post', path).send(body).expect(201));

  beforeAll(async () => {
    redis = isRedis ? await OwnRedis.start() : undefined;
    mails = await startMailServer();
    application = await startApplication({ SMTP_URL: mails.url, ...(redis && { QUEUE_URL: redis.url }) });
    owner = new pg.Pool({ connectionString: application.database.url, max: 2 });
    owner.on('error', () => undefined);
  }, 120_000);

  afterAll(async () => {
    await owner.end();
    await application.stop();
    await Promise.all([mails.stop(), redis?.stop()]);
  });

  it('takes rules, a workflow and its mails', async () => {
    const people = await get<Member[]>('/users?limit=100');
    const idOf = (email: string): string => people.find((person) => person.email === email)!.id;
    const team = { senior: idOf('manager@demo.test'), representative: idOf('member@demo.test') };
    for (const template of welcomeTemplates) await create('/email-templates', template);
    await create('/workflows', welcomeWorkflow('PT1S'));
    for (const rule of leadRules(team)) {
      await create('/business-rules', { ...rule, entryPoint: 'crm.lead.created', publish: true });
    }
  });

  it('creates every lead once, decides about each, and writes to those who are interested', async () => {
    const received = await application
      .call('post', '/leads/import')
      .type('application/x-ndjson')
      .send(ndjson([...leads, ...twins, ...broken]))
      .expect(202);
    const { jobId } = (received.body as { data: { jobId: string } }).data;
    if (redis) {
      await eventually(() => expect(mails.received.length).toBeGreaterThan(5), 60_000);
      await redis.flush();
    }
    await eventually(async () => expectComplete(await sumsOf(owner), LEADS, interested.length), 60_000);
    expect(await get(`/leads/imports/${jobId}`)).toMatchObject({
      status: 'completed',
      counts: { total: 320, created: LEADS, duplicate: twins.length, rejected: broken.length },
    });
    await expectMailsOnce(owner, mails);
    const recipients = mails.received.map(({ recipient }) => recipient);
    expect(recipients.toSorted()).toEqual(
      interested.flatMap(({ contact }) => [contact.email, contact.email]).toSorted(),
    );
  }, 150_000);

  it('can tell the whole story of a lead in order, and prove it', async () => {
    const [lead] = await get<{ id: string }[]>(`/leads?search=${interested[0]!.contact.email}`);
    const told = await get<{ type: string }[]>(`/audit/timeline/lead/${lead!.id}`);
    const types = told.map(({ type }) => type);
    for (const [type, times] of [
      ['crm.lead-created', 1],
      ['rules.executed', 1],
      ['workflows.execution-started', 1],
      ['workflows.email-delivered', 2],
      ['workflows.execution-completed', 1],
    ] as const) {
      expect([type, types.filter((other) => other === type).length]).toEqual([type, times]);
    }
    expect(types[0]).toBe('crm.lead-created');
    expect(types.at(-1)).toBe('workflows.execution-completed');
    const { organizationId } = await get<{ organizationId: string }>('/auth/me');
    await application.app.close();
    await expectSoundTrail(application.database.url, organizationId);
  }, 60_000);
});
