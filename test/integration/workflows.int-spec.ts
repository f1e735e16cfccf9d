import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import request, { type Response } from 'supertest';
import { eventually } from '../support/eventually.js';
import { startMailServer, refusal, type MailServer } from '../support/mail-server.js';
import { startFixture, type WorkflowsFixture } from './workflows-application.js';

interface LogEntry {
  readonly stepId: string;
  readonly stepName: string;
  readonly status: string;
  readonly startedAt: string;
  readonly completedAt: string;
  readonly result: unknown;
}

interface Execution {
  readonly status: string;
  readonly currentStep: string | null;
  readonly variables: object;
  readonly executionLog: readonly LogEntry[];
  readonly errorMessage: string | null;
  readonly completedAt: string | null;
}

let fixture: WorkflowsFixture;
let mails: MailServer;
let app: NestFastifyApplication;
const tokens = new Map<string, string>();

const signIn = async (email: string): Promise<void> => {
  const response = await request(app.getHttpServer())
    .post('/api/v1/auth/login')
    .send({ email, password: 'demo-password' });
  tokens.set(email, (response.body as { access_token: string }).access_token);
};

beforeAll(async () => {
  fixture = await startFixture();
  mails = await startMailServer();
  app = await fixture.start({ SMTP_URL: mails.url, MAIL_FROM: 'Sales <sales@kitchen.example>' });
  await fixture.seed(app, 'first');
  await fixture.seed(app, 'second');
  for (const email of ['owner@first.test', 'viewer@first.test', 'owner@second.test']) await signIn(email);
});

afterAll(async () => {
  await fixture.stop();
  await mails.stop();
});

beforeEach(() => mails.behave(async () => undefined));

const call = async (
  method: 'get' | 'post' | 'put' | 'delete',
  path: string,
  body?: object,
  email = 'owner@first.test',
): Promise<Response> => {
  const agent = request(app.getHttpServer());
  return agent[method](`/api/v1${path}`).auth(tokens.get(email)!, { type: 'bearer' }).send(body);
};

const dataOf = <T>({ body }: Response): T => (body as { data: T }).data;
const mail = (id: string, recipient: string, nextSteps: string[] = []) => ({
  id,
  name: `Mail ${id}`,
  type: 'action',
  configuration: { action: 'send_email', parameters: { subject: `About ${id}`, text: 'Hello', recipient } },
  nextSteps,
});
const quick = { then: 'fail', retry: { attempts: 2, backoff: 'fixed', delayMs: 10 } };
let count = 0;
const workflow = (members: object) => ({ name: `Workflow ${count++}`, trigger: { type: 'manual' }, ...members });

const create = async (members: object): Promise<string> => {
  const response = await call('post', '/workflows', workflow(members));
  expect(response.body).toMatchObject({ success: true });
  return dataOf<{ id: string }>(response).id;
};
const execute = async (id: string, variables: object = {}): Promise<string> => {
  const response = await call('post', `/workflows/${id}/execute`, { variables });
  expect([response.status, response.body]).toEqual([202, { success: true, data: { executionId: expect.any(String) } }]);
  return dataOf<{ executionId: string }>(response).executionId;
};
const read = async (id: string): Promise<Execution> => dataOf(await call('get', `/workflows/executions/${id}`));
const reaches = (id: string, status: string): Promise<Execution> =>
  eventually(async () => {
    const execution = await read(id);
    expect(execution.status).toBe(status);
    return execution;
  }, 20_000);

describe('the nurture example', () => {
  const lead = { contact: { email: 'john@restaurant.example', firstName: 'John' }, company: { name: 'Test & Sons' } };
  const steps = [
    {
      id: 'send_welcome_email',
      name: 'Send Welcome Email',
      type: 'action',
      configuration: {
        action: 'send_email',
        parameters: { template: 'welcome_lead', recipient: '{{lead.contact.email}}' },
      },
      nextSteps: ['wait_2_days'],
    },
    {
      id: 'wait_2_days',
      name: 'Wait 2 Days',
      type: 'delay',
      configuration: { duration: 2 },
      nextSteps: ['send_followup'],
    },
    {
      id: 'send_followup',
      name: 'Send Follow-up',
      type: 'action',
      configuration: {
        action: 'send_email',
        parameters: { template: 'followup_lead', recipient: '{{lead.contact.email}}', data: { offer: 'a tasting' } },
      },
      nextSteps: [],
    },
  ];

  it('mails, waits two days, mails again, and logs three steps', async () => {
    await call('post', '/email-templates', {
      name: 'welcome_lead',
      subject: 'Welcome,\n{{lead.contact.firstName}}',
      text: 'Good to meet {{lead.company.name}}.',
    });
    await call('post', '/email-templates', {
      name: 'followup_lead',
      subject: 'Again',
      text: 'How about {{data.offer}}?',
    });
    const id = await create({ steps, variables: [{ name: 'lead', type: 'object', required: true }] });
    const executionId = await execute(id, { lead });
    const waiting = await reaches(executionId, 'waiting');
    expect(waiting.currentStep).toBe('wait_2_days');
    expect(waiting.executionLog).toHaveLength(1);

    await fixture.pass('2 days');
    const done = await reaches(executionId, 'completed');
    expect(done.executionLog.map(({ stepId, stepName, status }) => [stepId, stepName, status])).toEqual([
      ['send_welcome_email', 'Send Welcome Email', 'completed'],
      ['wait_2_days', 'Wait 2 Days', 'completed'],
      ['send_followup', 'Send Follow-up', 'completed'],
    ]);
    const [first, delay] = done.executionLog;
    expect(first!.result).toEqual({ emailId: expect.any(String), status: 'delivered' });
    const waited = Date.parse(delay!.completedAt) - Date.parse(delay!.startedAt);
    expect(Math.round(waited / 86_400_000)).toBe(2);
    expect(done).toMatchObject({ currentStep: null, errorMessage: null, variables: { lead } });
    expect(mails.to('john@restaurant.example')).toEqual([
      {
        recipient: 'john@restaurant.example',
        subject: 'Welcome, John',
        messageId: `<${executionId}.send_welcome_email.1@kitchen.example>`,
        body: 'Good to meet Test & Sons.',
      },
      expect.objectContaining({ subject: 'Again', body: 'How about a tasting?' }),
    ]);
    expect(await fixture.eventTypes(executionId)).toEqual([
      'execution-started',
      'step-completed',
      'step-completed',
      'step-completed',
      'execution-completed',
    ]);
    const sent = dataOf<object[]>(await call('get', `/emails?executionId=${executionId}`));
    expect(sent).toEqual([
      expect.objectContaining({ subject: 'Again', status: 'delivered' }),
      expect.objectContaining({
        subject: 'Welcome, John',
        status: 'delivered',
        smtpAnswer: expect.stringContaining('250'),
      }),
    ]);
  });

  it('is started only with what it needs', async () => {
    const id = await create({
      steps: [mail('one', '{{lead.contact.email}}')],
      variables: [{ name: 'lead', type: 'object', required: true }],
    });
    const missing = await call('post', `/workflows/${id}/execute`, {});
    expect([missing.status, missing.body]).toEqual([
      422,
      expect.objectContaining({
        code: 'invalid-variables',
        errors: [{ pointer: '#/variables/lead', message: expect.stringContaining('"lead" is required') }],
      }),
    ]);
    const unknown = await call('post', `/workflows/${id}/execute`, { variables: { lead, leed: 1 } });
    expect(unknown.status).toBe(422);
  });
});

describe('definitions', () => {
  it('are refused with the place of each fault, and checked without being saved', async () => {
    const broken = workflow({
      steps: [
        {
          id: 'a',
          name: 'A',
          type: 'action',
          configuration: { action: 'send_email', parameters: { recipient: 'nobody' } },
          nextSteps: ['b'],
        },
        { id: 'b', name: 'B', type: 'condition', configuration: { condition: { nonsense: [] }, when: 'a' } },
      ],
    });
    const refused = await call('post', '/workflows', broken);
    expect(refused.status).toBe(422);
    const pointers = (refused.body as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer);
    expect(pointers).toEqual(
      expect.arrayContaining([
        '#/steps/0/configuration/parameters/recipient',
        '#/steps/1/configuration/condition/nonsense',
      ]),
    );
    const id = await create({ steps: [mail('a', 'a@example.com')] });
    const checked = await call('post', `/workflows/${id}/validate`, broken);
    expect([checked.status, dataOf(checked)]).toEqual([200, { valid: false, errors: expect.any(Array) }]);
  });

  it('are kept by version; a running execution finishes on its own', async () => {
    const wait = { id: 'wait', name: 'Wait', type: 'delay', configuration: { duration: 'PT1H' }, nextSteps: ['last'] };
    const definition = workflow({ steps: [wait, mail('last', 'version-1@example.com')] });
    const created = await call('post', '/workflows', definition);
    const { id } = dataOf<{ id: string }>(created);
    expect([created.status, created.headers.etag]).toEqual([201, '"1"']);
    const executionId = await execute(id);
    const revised = await call('put', `/workflows/${id}`, {
      ...definition,
      steps: [mail('last', 'version-2@example.com')],
    });
    expect(dataOf(revised)).toMatchObject({ version: 2, settings: { timeoutMs: 300_000 } });
    const stale = await request(app.getHttpServer())
      .put(`/api/v1/workflows/${id}`)
      .auth(tokens.get('owner@first.test')!, { type: 'bearer' })
      .set('If-Match', '"1"')
      .send(definition);
    expect(stale.status).toBe(412);
    await fixture.pass('1 hour');
    await reaches(executionId, 'completed');
    expect(mails.to('version-1@example.com')).toHaveLength(1);
    expect(mails.to('version-2@example.com')).toHaveLength(0);
    const versions = await call('get', `/workflows/${id}/versions`);
    expect(dataOf<{ version: number }[]>(versions).map(({ version }) => version)).toEqual([2, 1]);
  });

  it('belong to one organization, and to those who may', async () => {
    const id = await create({ steps: [mail('a', 'a@example.com')] });
    const executionId = await execute(id);
    for (const path of [`/workflows/${id}`, `/workflows/executions/${executionId}`]) {
      expect((await call('get', path, undefined, 'owner@second.test')).status).toBe(404);
      expect((await call('get', path, undefined, 'viewer@first.test')).status).toBe(200);
    }
    expect((await call('post', `/workflows/${id}/execute`, {}, 'owner@second.test')).status).toBe(404);
    expect((await call('post', `/workflows/${id}/execute`, {}, 'viewer@first.test')).status).toBe(403);
    const listed = await call('get', `/workflows/executions?workflowId=${id}&status=completed`);
    await reaches(executionId, 'completed');
    expect(listed.status).toBe(200);
  });

  it('that are disabled or archived start nothing', async () => {
    const definition = workflow({ enabled: false, steps: [mail('a', 'a@example.com')] });
    const { id } = dataOf<{ id: string }>(await call('post', '/workflows', definition));
    expect((await call('post', `/workflows/${id}/execute`, {})).body).toMatchObject({ code: 'workflow-disabled' });
    expect((await call('post', '/workflows', definition)).body).toMatchObject({ code: 'workflow-name-taken' });
    expect((await call('delete', `/workflows/${id}`)).status).toBe(200);
    expect((await call('post', `/workflows/${id}/execute`, {})).status).toBe(404);
    expect((await call('post', '/workflows', definition)).status).toBe(201);
  });
});

describe('steps', () => {
  it('branch by conditions, which are in the log as well', async () => {
    const id = await create({
      variables: [{ name: 'score', type: 'number', required: true }],
      steps: [
        {
          id: 'is_hot',
          name: 'Is it hot?',
          type: 'condition',
          configuration: { condition: { '>': [{ var: 'score' }, 50] }, when: 'hot', otherwise: 'cold' },
        },
        mail('hot', 'hot@example.com'),
        mail('cold', 'cold@example.com'),
      ],
    });
    const execution = await reaches(await execute(id, { score: 80 }), 'completed');
    expect(execution.executionLog.map(({ stepId, result }) => [stepId, result])).toEqual([
      ['is_hot', { result: true }],
      ['hot', { emailId: expect.any(String), status: 'delivered' }],
    ]);
    expect(mails.to('cold@example.com')).toHaveLength(0);
  });

  it('are tried again when the server is busy, under the same message id', async () => {
    let refusals = 2;
    mails.behave(async () => {
      if (refusals-- > 0) throw refusal(451);
    });
    const id = await create({ steps: [{ ...mail('a', 'busy@example.com'), onError: quick }] });
    const executionId = await execute(id);
    await reaches(executionId, 'completed');
    const attempts = mails.to('busy@example.com');
    expect(attempts).toHaveLength(3);
    expect(new Set(attempts.map(({ messageId }) => messageId)).size).toBe(1);
    const { rows } = await fixture.owner.query(
      `select a.attempt, a.error ->> 'code' as code from workflow_step_attempts a
       join workflow_step_runs r on r.id = a.step_run_id where r.execution_id = $1 order by a.attempt`,
      [executionId],
    );
    expect(rows).toEqual([
      { attempt: 1, code: 'mail-not-sent' },
      { attempt: 2, code: 'mail-not-sent' },
    ]);
  });

  it('fail for good when the server refuses, and say so', async () => {
    mails.behave(async () => {
      throw refusal(550);
    });
    const id = await create({
      steps: [{ ...mail('a', 'refused@example.com', ['b']), onError: quick }, mail('b', 'b@example.com')],
    });
    const execution = await reaches(await execute(id), 'failed');
    expect(mails.to('refused@example.com')).toHaveLength(1);
    expect(execution).toMatchObject({ currentStep: 'a', errorMessage: expect.stringContaining('mail-refused') });
    expect(execution.executionLog).toEqual([
      expect.objectContaining({
        stepId: 'a',
        status: 'failed',
        result: { error: expect.objectContaining({ code: 'mail-refused' }) },
      }),
    ]);
  });

  it('name a template that exists', async () => {
    const step = mail('a', 'a@example.com');
    step.configuration.parameters = { template: 'no_such', recipient: 'a@example.com' } as never;
    const execution = await reaches(await execute(await create({ steps: [step] })), 'failed');
    expect(execution.errorMessage).toContain('unknown-template');
  });
});

describe('events', () => {
  it('start workflows whose filter holds, and a chain ends', async () => {
    const first = await create({ steps: [mail('a', 'first@example.com')] });
    const follow = await create({
      trigger: {
        type: 'event',
        eventType: 'workflows.execution-completed',
        filter: { '==': [{ var: 'payload.workflowId' }, first] },
      },
      steps: [mail('b', 'follow-{{event.payload.version}}@example.com')],
    });
    const self = await create({
      trigger: {
        type: 'event',
        eventType: 'workflows.execution-completed',
        filter: { '==': [{ var: 'payload.workflowId' }, follow] },
      },
      steps: [mail('c', 'self@example.com')],
    });
    await execute(first);
    await eventually(() => expect(mails.to('self@example.com')).toHaveLength(1), 20_000);
    expect(mails.to('follow-1@example.com')).toHaveLength(1);
    const { rows } = await fixture.owner.query<{ depth: number }>(
      'select distinct depth from workflow_executions where workflow_id in ($1, $2, $3) order by depth',
      [first, follow, self],
    );
    expect(rows.map(({ depth }) => depth)).toEqual([0, 2, 4]);
  });
});
