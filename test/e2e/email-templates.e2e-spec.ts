import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { nurtureTemplates, nurtureWorkflow } from '../../src/seed/shipped-nurture.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { type MailServer, refusal, startMailServer } from '../support/mail-server.js';
import { headerOf, partsOf } from '../support/mime.js';

interface Execution {
  readonly status: string;
  readonly executionLog: readonly { readonly stepName: string; readonly status: string; readonly result: unknown }[];
}

interface Template {
  readonly id: string;
  readonly version: number;
}

let application: TestApplication;
let mails: MailServer;
let owner: pg.Pool;

beforeAll(async () => {
  mails = await startMailServer();
  application = await startApplication({ SMTP_URL: mails.url, MAIL_FROM: 'Sales <sales@kitchen.example>' });
  owner = new pg.Pool({ connectionString: application.database.url, max: 1 });
});

afterAll(async () => {
  await owner.end();
  await application.stop();
  await mails.stop();
});

beforeEach(() => mails.behave(async () => undefined));

const dataOf = <T>(body: unknown): T => (body as { data: T }).data;
const get = async <T>(path: string): Promise<T> => dataOf((await application.call('get', path).expect(200)).body);
const post = async <T>(path: string, body: object, status = 201): Promise<T> =>
  dataOf((await application.call('post', path).send(body).expect(status)).body);
const put = async <T>(path: string, body: object): Promise<T> =>
  dataOf((await application.call('put', path).send(body).expect(200)).body);

const reaches = (executionId: string, status: string): Promise<Execution> =>
  eventually(async () => {
    const execution = await get<Execution>(`/workflows/executions/${executionId}`);
    expect(execution.status).toBe(status);
    return execution;
  }, 20_000);
const execute = async (workflow: object, variables: object): Promise<string> => {
  const { id } = await post<{ id: string }>('/workflows', workflow);
  return (await post<{ executionId: string }>(`/workflows/${id}/execute`, { variables }, 202)).executionId;
};
const sending = (template: string, recipient: string, onError?: object) => ({
  name: `Sends ${template} to ${recipient}`,
  trigger: { type: 'manual' },
  variables: [{ name: 'lead', type: 'object', default: {} }],
  steps: [
    {
      id: 'send',
      name: 'Send',
      type: 'action',
      configuration: { action: 'send_email', parameters: { template, recipient, data: { offer: 'a tasting' } } },
      onError,
    },
  ],
});

describe('the nurture workflow, as its source writes it', () => {
  const lead = {
    company: { name: 'Test <b>Restaurant</b>' },
    contact: { firstName: 'John', lastName: 'Doe', title: 'Manager', email: 'john@testrestaurant.com' },
  };

  it('sends a mail, waits two days, sends another, and logs three steps', async () => {
    for (const template of nurtureTemplates) await post('/email-templates', template);
    const executionId = await execute(nurtureWorkflow, { lead });
    await reaches(executionId, 'waiting');
    await owner.query("update clock set shift = shift + interval '1 day 23 hours 59 minutes'");
    expect((await get<Execution>(`/workflows/executions/${executionId}`)).status).toBe('waiting');
    await owner.query("update clock set shift = shift + interval '1 minute'");
    const { executionLog } = await reaches(executionId, 'completed');
    expect(executionLog.map(({ stepName, status }) => [stepName, status])).toEqual([
      ['Send Welcome Email', 'completed'],
      ['Wait 2 Days', 'completed'],
      ['Send Follow-up', 'completed'],
    ]);
    const [welcome, followUp, ...more] = mails.to('john@testrestaurant.com');
    expect(more).toEqual([]);
    expect([welcome!.subject, followUp!.subject]).toEqual(['Welcome, John', 'Any questions, John?']);
  });

  it('sends HTML beside its text, with a hostile company name as text in both', async () => {
    const [welcome] = mails.to('john@testrestaurant.com');
    const message = mails.messageOf(welcome!);
    expect(headerOf(message, 'Content-Type')).toContain('multipart/alternative');
    const [text, html, ...more] = partsOf(message);
    expect([text!.type, html!.type, more]).toEqual(['text/plain; charset=utf-8', 'text/html; charset=utf-8', []]);
    expect(html!.text).toContain('on behalf of <strong>Test &lt;b&gt;Restaurant&lt;/b&gt;</strong>.');
    expect(html!.text).toContain('<li>what you cook, and for how many</li>');
    expect(text!.text).toContain('on behalf of Test <b>Restaurant</b>.');
    expect(text!.text).toContain(' * what you cook, and for how many');
    const [row] = await get<{ html: string; text: string; templateVersion: number; templateId: string }[]>(
      '/emails?status=delivered&limit=1',
    );
    expect(row).toMatchObject({ templateVersion: 1, templateId: expect.any(String) });
    const sent = partsOf(mails.messageOf(mails.received.at(-1)!));
    expect(sent.map((part) => part.text.replaceAll('\r\n', '\n').trim())).toEqual([row!.text.trim(), row!.html.trim()]);
  });
});

describe('a mail that is tried again', () => {
  it('is the same to the byte, though its template was changed and removed meanwhile', async () => {
    const { id } = await post<Template>('/email-templates', {
      name: 'again',
      subject: 'Try {{data.offer}}',
      body: '# Try',
    });
    mails.behave(async () => {
      mails.behave(async () => undefined);
      await put(`/email-templates/${id}`, { name: 'again', subject: 'Other', body: '# Other' });
      await application.call('delete', `/email-templates/${id}`).expect(200);
      throw refusal(451);
    });
    const retry = { then: 'fail', retry: { attempts: 2, backoff: 'fixed', delayMs: 1100 } };
    const executionId = await execute(sending('again', 'again@example.com', retry), {});
    await reaches(executionId, 'completed');
    const messages = mails.to('again@example.com').map((mail) => mails.messageOf(mail));
    expect(messages).toEqual([messages[0], messages[0]]);
    expect(headerOf(messages[0]!, 'Subject')).toBe('Try a tasting');
    const [email] = await get<object[]>(`/emails?executionId=${executionId}`);
    expect(email).toMatchObject({ templateId: id, templateVersion: 1, status: 'delivered' });
  });
});

describe('a template that cannot be filled in', () => {
  it('fails its step at once, with the place, and the next mail is none the later', async () => {
    await post('/email-templates', {
      name: 'endless',
      subject: 'x',
      text: '{% for i in (1..lead.far) %}{{ i }}{% endfor %}',
    });
    const executionId = await execute(sending('endless', 'endless@example.com'), { lead: { far: 1e12 } });
    expect(await reaches(executionId, 'failed')).toMatchObject({
      errorMessage: expect.stringContaining('#/text: Line 1, column'),
    });
    expect(mails.to('endless@example.com')).toEqual([]);
  });
});

describe('versions', () => {
  it('are kept as they were saved, and restored by saving one again', async () => {
    const first = { name: 'versioned', subject: 'One', text: 'Hello {{lead.name}}' };
    const created = await application.call('post', '/email-templates').send(first).expect(201);
    const { id } = dataOf<Template>(created.body);
    expect(created.headers.etag).toBe('"1"');
    const second = { name: 'versioned_mail', subject: 'Two', body: '# Two' };
    await application.call('put', `/email-templates/${id}`).set('If-Match', '"1"').send(second).expect(200);
    await application.call('put', `/email-templates/${id}`).set('If-Match', '"1"').send(second).expect(412);
    const [, oldest] = await get<{ subject: string; body: null; text: string; name: string }[]>(
      `/email-templates/${id}/versions`,
    );
    expect(oldest).toMatchObject({ ...first, version: 1, body: null, createdBy: expect.any(String) });
    const { name, subject, body, text } = oldest!;
    const restored = await put(`/email-templates/${id}`, { name, subject, body, text });
    expect(restored).toMatchObject({ ...first, body: null, version: 3 });
    await application.call('delete', `/email-templates/${id}`).expect(200);
    await application.call('get', `/email-templates/${id}`).expect(404);
    expect(await get<Template[]>(`/email-templates/${id}/versions?limit=2`)).toMatchObject([
      { version: 3 },
      { version: 2, subject: 'Two', body: '# Two', text: null },
    ]);
    await post('/email-templates', first);
    await application.call('get', `/email-templates/${id}/versions`, 'owner@second.test').expect(404);
  });
});

describe('a preview', () => {
  const source = { subject: 'For {{lead.name}}', body: 'Hello **{{lead.name}}**, {{lead.title}}{{other}}' };
  const shown = {
    subject: 'For A <i>',
    html: expect.stringContaining('<p>Hello <strong>A &lt;i&gt;</strong>,</p>'),
    text: 'Hello A <i>,',
    missing: ['lead.title', 'other'],
  };
  const data = { lead: { name: 'A <i>' } };

  it('shows both parts and what was missing, of what is saved and of what is not', async () => {
    const { id } = await post<Template>('/email-templates', { name: 'previewed', ...source });
    expect(await post(`/email-templates/${id}/preview`, { data }, 200)).toEqual(shown);
    expect(await post('/email-templates/preview', { ...source, data }, 200)).toEqual(shown);
    const plain = { subject: 's', text: 'Hi {{lead.name}}', data };
    expect(await post('/email-templates/preview', plain, 200)).toEqual({
      subject: 's',
      html: null,
      text: 'Hi A <i>',
      missing: [],
    });
    await application.call('post', `/email-templates/${id}/preview`, 'owner@second.test').send({ data }).expect(404);
    await application
      .call('post', '/email-templates/preview', 'auditor@demo.test')
      .send({ ...source, data })
      .expect(403);
    await application.call('post', `/email-templates/${id}/preview`, 'auditor@demo.test').send({ data }).expect(200);
  });

  it.each([
    [{ subject: 'x', body: 'a\n{{ x | shout }}' }, '#/body', 'Line 2, column 1: undefined filter: shout.'],
    [{ subject: '{% if %}', text: 'x' }, '#/subject', expect.stringContaining('Line 1, column')],
    [{ subject: 'x' }, '#/body', 'Give either a Markdown body or a plain text.'],
    [{ subject: 'x', body: 'x', text: 'x' }, '#/body', 'Give either a Markdown body or a plain text.'],
    [{ subject: 'x', text: '{{ 1 | money: "nonsense" }}' }, '#/text', expect.stringContaining('currency')],
    [
      { subject: 'x', text: '{% for i in (1..100000000) %}{% endfor %}' },
      '#/text',
      expect.stringContaining('characters'),
    ],
  ])('of %j is refused with the place', async (body, pointer, message) => {
    const refused = await application.call('post', '/email-templates/preview').send({ ...body, data });
    expect([refused.status, (refused.body as { errors: unknown }).errors]).toEqual([422, [{ pointer, message }]]);
  });
});
