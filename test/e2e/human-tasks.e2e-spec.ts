import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import request, { type Response } from 'supertest';
import { SeedOrganization } from '../../src/identity/identity.contract.js';
import { CommandBus } from '@nestjs/cqrs';
import { startFixture, type WorkflowsFixture } from '../integration/workflows-application.js';

const PASSWORD = 'demo-password';
const people = ['owner', 'manager', 'member', 'worker', 'viewer'] as const;
type Person = (typeof people)[number];

let fixture: WorkflowsFixture;
let app: NestFastifyApplication;
let ids: readonly string[];
const tokens = new Map<Person, string>();

beforeAll(async () => {
  fixture = await startFixture();
  app = await fixture.start();
  const seed = {
    name: 'first',
    slug: 'first',
    people: people.map((role) => ({ email: `${role}@first.test`, name: role, roles: [role], password: PASSWORD })),
  };
  const { userIds } = await app
    .get(CommandBus)
    .execute(new SeedOrganization({ correlationId: 'human-tasks-suite' }, seed));
  ids = userIds;
  for (const person of people) {
    const body = { email: `${person}@first.test`, password: PASSWORD };
    const response = await request(app.getHttpServer()).post('/api/v1/auth/login').send(body);
    tokens.set(person, (response.body as { access_token: string }).access_token);
  }
});

afterAll(() => fixture.stop());

const call = async (person: Person, method: 'get' | 'post', path: string, body?: object): Promise<Response> => {
  const agent = request(app.getHttpServer());
  return agent[method](`/api/v1/workflows${path}`).auth(tokens.get(person)!, { type: 'bearer' }).send(body);
};
const dataOf = <T>({ body }: Response): T => (body as { data: T }).data;

let count = 0;
const form = {
  type: 'object',
  required: ['approved'],
  properties: { approved: { type: 'boolean' }, discount: { type: 'number', maximum: 20 } },
};

/** An execution whose task waits for somebody. */
async function ask(holder: object): Promise<{ executionId: string; taskId: string }> {
  const configuration = { title: 'Approve the discount', form, ...holder };
  const definition = {
    name: `Asking ${count++}`,
    trigger: { type: 'manual' },
    steps: [{ id: 'ask', name: 'Ask', type: 'human_task', configuration }],
  };
  const { id } = dataOf<{ id: string }>(await call('owner', 'post', '', definition));
  const { executionId } = dataOf<{ executionId: string }>(await call('owner', 'post', `/${id}/execute`, {}));
  const [task] = dataOf<{ id: string }[]>(await call('owner', 'get', `/tasks?executionId=${executionId}`));
  return { executionId, taskId: task!.id };
}

let asked: { executionId: string; taskId: string };

beforeEach(async () => {
  asked = await ask({ role: 'manager' });
});

const complete = (person: Person, result: unknown): Promise<Response> =>
  call(person, 'post', `/tasks/${asked.taskId}/complete`, { result });
const resume = (person: Person, result: unknown, more: object = {}): Promise<Response> =>
  call(person, 'post', `/executions/${asked.executionId}/resume`, { stepId: 'ask', result, ...more });

describe('the result of a human task', () => {
  it('must be as its form says, and is told where it is not', async () => {
    for (const answer of [await complete('manager', { discount: 30 }), await resume('manager', { discount: 30 })]) {
      expect(answer.status).toBe(422);
      const { errors } = answer.body as { errors: { pointer: string }[] };
      expect(errors.map(({ pointer }) => pointer).toSorted()).toEqual(['#/result', '#/result/discount']);
    }
    const missing = await call('manager', 'post', `/tasks/${asked.taskId}/complete`, {});
    expect([400, 422]).toContain(missing.status);
  });

  it('is taken once', async () => {
    const first = await resume('manager', { approved: true });
    expect([first.status, first.body]).toEqual([200, { success: true, message: expect.any(String) }]);
    const second = await complete('owner', { approved: false });
    expect([second.status, (second.body as { code: string }).code]).toEqual([409, expect.stringMatching(/^step-/)]);
    expect(dataOf(await call('viewer', 'get', `/tasks/${asked.taskId}`))).toMatchObject({
      status: 'completed',
      result: { approved: true },
      completedBy: ids[people.indexOf('manager')],
    });
  });

  it('is taken from its assignee, a holder of its role, or who may write workflows, and from nobody else', async () => {
    expect((await complete('viewer', { approved: true })).status).toBe(403);
    const refused = await complete('member', { approved: true });
    expect([refused.status, (refused.body as { code: string }).code]).toEqual([403, 'not-your-task']);
    expect((await resume('worker', { approved: true })).status).toBe(403);
    expect((await complete('owner', { approved: true })).status).toBe(200);
    asked = await ask({ role: 'worker' });
    expect((await complete('worker', { approved: true })).status).toBe(200);
    asked = await ask({ assignee: ids[people.indexOf('member')] });
    expect((await resume('worker', { approved: true })).status).toBe(403);
    expect((await complete('member', { approved: true })).status).toBe(200);
  });
});

describe('a resume', () => {
  it('is refused for a step that takes no result or does not wait', async () => {
    const unknown = await resume('owner', {}, { stepId: 'nowhere' });
    expect([unknown.status, unknown.body]).toEqual([
      422,
      expect.objectContaining({ errors: [expect.objectContaining({ pointer: '#/stepId' })] }),
    ]);
    await call('owner', 'post', `/executions/${asked.executionId}/cancel`);
    const late = await resume('owner', { approved: true });
    expect([late.status, late.body]).toEqual([
      409,
      expect.objectContaining({ code: 'step-not-waiting', detail: expect.stringContaining('cancelled') }),
    ]);
  });
});

describe('tasks', () => {
  it('are listed by status, holder and execution', async () => {
    const { taskId } = await ask({ assignee: ids[people.indexOf('member')] });
    const listed = async (person: Person, query: string): Promise<string[]> =>
      dataOf<{ id: string }[]>(await call(person, 'get', `/tasks?${query}`)).map(({ id }) => id);
    expect(await listed('member', 'assignee=me&status=open')).toEqual([taskId]);
    expect(await listed('owner', 'assignee=me')).toEqual([]);
    expect(await listed('owner', 'role=manager&status=open&limit=1')).toEqual([asked.taskId]);
    expect(await listed('owner', `executionId=${asked.executionId}`)).toEqual([asked.taskId]);
  });

  it('stand open in their execution', async () => {
    const execution = dataOf(await call('viewer', 'get', `/executions/${asked.executionId}`));
    expect(execution).toMatchObject({
      status: 'waiting',
      openSteps: [{ stepId: 'ask', stepName: 'Ask', scope: '', status: 'waiting', dueAt: null, attempt: 1 }],
      parentExecutionId: null,
      childExecutionIds: [],
    });
  });
});
