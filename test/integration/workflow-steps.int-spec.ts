import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import request from 'supertest';
import { newId } from '../../src/kernel/id.js';
import type { JsonObject } from '../../src/kernel/json.js';
import type { Actor } from '../../src/platform/http/actor.js';
import { Queues } from '../../src/platform/queue/queues.js';
import { CreateWorkflow } from '../../src/workflows/definitions/commands/create-workflow.js';
import { CancelExecution } from '../../src/workflows/executions/commands/cancel-execution.js';
import { ExecuteWorkflow } from '../../src/workflows/executions/commands/execute-workflow.js';
import { GetExecution, type ExecutionDetails } from '../../src/workflows/executions/queries/get-execution.js';
import { StepActions, type StepContext } from '../../src/workflows/executions/step-actions.js';
import { StepRunner } from '../../src/workflows/executions/step-runner.js';
import { StepSweeper } from '../../src/workflows/executions/step-sweeper.js';
import { eventually } from '../support/eventually.js';
import { startMailServer, type MailServer } from '../support/mail-server.js';
import { startFixture, type WorkflowsFixture } from './workflows-application.js';

interface Call {
  readonly context: StepContext;
  readonly end: () => void;
}

/** Held steps that run at the same time, in all processes together. */
const load = { running: 0, most: 0 };

/** A step that runs until the test ends it. */
class HeldAction {
  readonly name = 'hold';
  readonly queue = 'workflow-steps';
  readonly parametersSchema: JsonObject = { type: 'object' };
  readonly calls: Call[] = [];

  async run(context: StepContext): Promise<string> {
    load.most = Math.max(load.most, ++load.running);
    await new Promise<void>((end) => this.calls.push({ context, end }));
    load.running--;
    return 'held';
  }
}

let fixture: WorkflowsFixture;
let mails: MailServer;
let organizationId: string;
let actor: Actor;
const held: HeldAction[] = [];

const startProcess = async (environment: Record<string, string>): Promise<NestFastifyApplication> => {
  const app = await fixture.start({ SMTP_URL: mails.url, ...environment });
  const action = new HeldAction();
  app.get(StepActions, { strict: false }).register(action);
  held.push(action);
  return app;
};

const endAll = (): void => held.flatMap(({ calls }) => calls).forEach(({ end }) => end());

/** Two processes that take no jobs by themselves: the tests hand them over. */
let here: NestFastifyApplication;
let there: NestFastifyApplication;

beforeAll(async () => {
  fixture = await startFixture();
  mails = await startMailServer();
  here = await startProcess({ PROCESS_ROLE: 'api' });
  there = await startProcess({ PROCESS_ROLE: 'api' });
  ({ organizationId } = await fixture.seed(here, 'first'));
  actor = fixture.actor(organizationId);
});

afterAll(async () => {
  endAll();
  await fixture.stop();
  await mails.stop();
});

beforeEach(() => {
  mails.behave(async () => undefined);
  for (const action of held) action.calls.splice(0);
  actor = fixture.actor(organizationId);
});

afterEach(() => {
  jest.restoreAllMocks();
});

let count = 0;
const hold = (id: string, nextSteps: string[] = []) => ({
  id,
  name: id,
  type: 'action',
  configuration: { action: 'hold' },
  nextSteps,
});
const mail = (id: string, recipient: string) => ({
  id,
  name: id,
  type: 'action',
  configuration: { action: 'send_email', parameters: { subject: 'Hello', text: 'Hello', recipient } },
});

const create = async (members: object, app = here): Promise<{ id: string; name: string }> => {
  const definition = { name: `Workflow ${count++}`, trigger: { type: 'manual' }, ...members } as unknown as JsonObject;
  return app.get(CommandBus).execute(new CreateWorkflow(actor, { enabled: true, definition }));
};
const execute = async (workflowId: string, app = here): Promise<string> =>
  (await app.get(CommandBus).execute(new ExecuteWorkflow(actor, workflowId, {}))).executionId;
const start = async (...steps: object[]): Promise<string> => execute((await create({ steps })).id);
const read = (id: string): Promise<ExecutionDetails> => here.get(QueryBus).execute(new GetExecution(actor, id));
const runOf = async (executionId: string, stepId: string): Promise<Record<string, unknown>> => {
  const { rows } = await fixture.owner.query<Record<string, unknown>>(
    'select * from workflow_step_runs where execution_id = $1 and step_id = $2',
    [executionId, stepId],
  );
  return rows[0]!;
};
const job = async (executionId: string, stepId: string): Promise<JsonObject> => ({
  organizationId,
  stepRunId: (await runOf(executionId, stepId)).id as string,
});
const runner = (app: NestFastifyApplication): StepRunner => app.get(StepRunner, { strict: false });
/** As if the worker's process had stopped for longer than its lease. */
const expireLease = (executionId: string): Promise<unknown> =>
  fixture.owner.query(
    `update workflow_step_runs set lease_until = clock_timestamp() - interval '1 ms' where execution_id = $1 and status = 'running'`,
    [executionId],
  );
const called = (action: HeldAction, times = 1): Promise<Call> =>
  eventually(() => {
    expect(action.calls).toHaveLength(times);
    return action.calls.at(-1)!;
  });

describe('a step has one worker', () => {
  it('though its job comes several times at once', async () => {
    const executionId = await start(hold('a'));
    const data = await job(executionId, 'a');
    const jobs = [here, there, here, there].map((app) => runner(app).handle(data));
    await eventually(() => expect(held[0]!.calls.length + held[1]!.calls.length).toBe(1));
    for (const { end } of [...held[0]!.calls, ...held[1]!.calls]) end();
    await Promise.all(jobs);
    await runner(here).handle(data);
    expect(held[0]!.calls.length + held[1]!.calls.length).toBe(1);
    const execution = await read(executionId);
    expect(execution).toMatchObject({ status: 'completed', executionLog: [{ stepId: 'a', result: 'held' }] });
  });

  it('and a job of another organization finds nothing', async () => {
    const executionId = await start(hold('a'));
    const other = await fixture.seed(here, `other-${count++}`);
    await runner(here).handle({ ...(await job(executionId, 'a')), organizationId: other.organizationId });
    expect(held[0]!.calls).toEqual([]);
    expect((await runOf(executionId, 'a')).fence).toBe(0);
  });

  it('whose lease another takes over when it ends; what the first still sends is refused', async () => {
    const executionId = await start(hold('a', ['b']), { ...hold('b'), type: 'delay', configuration: { duration: 1 } });
    const data = await job(executionId, 'a');
    const first = runner(here).handle(data);
    const lost = await called(held[0]!);
    await runner(there).handle(data);
    expect(held[1]!.calls).toEqual([]);

    await expireLease(executionId);
    const second = runner(there).handle(data);
    const taken = await called(held[1]!);
    expect(taken.context).toMatchObject({ fence: 2, idempotencyKey: `${executionId}.a.1` });
    expect(lost.context).toMatchObject({ fence: 1, idempotencyKey: `${executionId}.a.1` });
    lost.end();
    await first;
    expect(await read(executionId)).toMatchObject({ status: 'running', executionLog: [] });
    taken.end();
    await second;
    expect(await read(executionId)).toMatchObject({ status: 'waiting', executionLog: [{ stepId: 'a' }] });
    expect(await fixture.eventTypes(executionId)).toEqual(['execution-started', 'step-completed']);
  });

  it('and fails when it has ended too many of them', async () => {
    const executionId = await start(hold('a'));
    await fixture.owner.query('update workflow_step_runs set fence = 11 where execution_id = $1', [executionId]);
    await runner(here).handle(await job(executionId, 'a'));
    expect(held[0]!.calls).toEqual([]);
    expect(await read(executionId)).toMatchObject({
      status: 'failed',
      executionLog: [{ result: { error: { code: 'workers-lost' } } }],
    });
  });

  it('that keeps its lease for as long as it works', async () => {
    const executionId = await start(hold('a'));
    const working = runner(here).handle(await job(executionId, 'a'));
    const { end } = await called(held[0]!);
    const before = (await runOf(executionId, 'a')).lease_until as Date;
    await eventually(async () => {
      const { lease_until: after } = await runOf(executionId, 'a');
      expect((after as Date).getTime()).toBeGreaterThan(before.getTime() + 1_000);
    });
    end();
    await working;
  });
});

describe('a mail is never sent twice', () => {
  it('also when its worker died between the mark and the answer: then it is unknown', async () => {
    let answer: () => void = () => undefined;
    mails.behave(() => new Promise((resolve) => (answer = resolve)));
    const executionId = await start(mail('a', 'unknown@example.com'));
    const data = await job(executionId, 'a');
    const first = runner(here).handle(data);
    await eventually(() => expect(mails.to('unknown@example.com')).toHaveLength(1));
    const status = async (): Promise<unknown> => {
      const { rows } = await fixture.owner.query<{ status: string }>(
        'select status from emails where execution_id = $1',
        [executionId],
      );
      return rows.map((row) => row.status);
    };
    expect(await status()).toEqual(['sending']);

    await expireLease(executionId);
    await runner(there).handle(data);
    expect(await status()).toEqual(['unknown']);
    expect(await read(executionId)).toMatchObject({
      status: 'completed',
      executionLog: [{ stepId: 'a', status: 'completed', result: { status: 'unknown' } }],
    });
    // The worker was not dead after all: what it knows is the truth about the mail, and no longer about the step.
    answer();
    await first;
    expect(await status()).toEqual(['delivered']);
    expect(mails.to('unknown@example.com')).toHaveLength(1);
    expect(await fixture.eventTypes(executionId)).toEqual([
      'execution-started',
      'step-completed',
      'execution-completed',
    ]);
  });

  it('nor when its worker died after the answer, before the step was finished', async () => {
    const executionId = await start(mail('a', 'answered@example.com'));
    const data = await job(executionId, 'a');
    await fixture.owner.query(`create function refuse_finish() returns trigger language plpgsql as $$
      begin raise exception 'the connection is gone'; end $$;
      create trigger refuse_finish before update on workflow_executions for each row
        when (old.version <> new.version) execute function refuse_finish()`);
    await expect(runner(here).handle(data)).rejects.toThrow('the connection is gone');
    await fixture.owner.query('drop trigger refuse_finish on workflow_executions; drop function refuse_finish');
    await expireLease(executionId);
    await runner(there).handle(data);
    expect(await read(executionId)).toMatchObject({
      status: 'completed',
      executionLog: [{ result: { status: 'delivered' } }],
    });
    expect(mails.to('answered@example.com')).toHaveLength(1);
  });
});

describe('what nobody is told of', () => {
  it('is found by the sweeper: lost jobs and dead workers', async () => {
    jest.spyOn(here.get(Queues), 'wake').mockImplementation(() => undefined);
    const lost = await start(hold('a'));
    const dead = await start(hold('a'));
    const working = runner(here).handle(await job(dead, 'a'));
    const { end } = await called(held[0]!);
    const mine = [(await runOf(lost, 'a')).id, (await runOf(dead, 'a')).id];
    const found: unknown[] = [];
    jest.spyOn(there.get(Queues), 'addAll').mockImplementation(async (_queue, jobs) => {
      found.push(...jobs.map(({ data }) => data.stepRunId).filter((id) => mine.includes(id)));
    });
    const sweeper = there.get(StepSweeper, { strict: false });
    await sweeper.sweep();
    expect(found).toEqual([]);
    await fixture.pass('3 seconds');
    await expireLease(dead);
    // A queue that is away has nothing put off.
    jest.spyOn(there.get(Queues), 'addAll').mockRejectedValueOnce(new Error('away'));
    await expect(sweeper.sweep()).rejects.toThrow('away');
    await sweeper.sweep();
    expect(found.toSorted()).toEqual(mine.toSorted());
    found.splice(0);
    // The waiting one has its alarm pushed on; the dead one is named until somebody takes it.
    await sweeper.sweep();
    expect(found).toEqual([mine[1]]);
    end();
    await working;
  });

  it('is done after all, however many hints are lost', async () => {
    const worker = await startProcess({ PROCESS_ROLE: 'worker' });
    for (const app of [here, worker]) jest.spyOn(app.get(Queues), 'wake').mockImplementation(() => undefined);
    const sweeps = setInterval(() => void there.get(StepSweeper, { strict: false }).sweep(), 200);
    try {
      const wait = { id: 'b', name: 'b', type: 'delay', configuration: { duration: 'PT1S' }, nextSteps: ['c'] };
      const first = { ...mail('a', 'swept@example.com'), nextSteps: ['b'] };
      const executionId = await start(first, wait, mail('c', 'swept@example.com'));
      await eventually(async () => expect((await read(executionId)).status).toBe('completed'), 20_000);
      expect(mails.to('swept@example.com')).toHaveLength(2);
    } finally {
      clearInterval(sweeps);
      // It may have taken steps that other tests left behind.
      const ending = setInterval(endAll, 50);
      await worker.close().finally(() => clearInterval(ending));
    }
  });
});

describe('cancelling', () => {
  const wait = { id: 'wait', name: 'wait', type: 'delay', configuration: { duration: 30 } };
  const cancel = (id: string): Promise<void> => here.get(CommandBus).execute(new CancelExecution(actor, id));

  it('ends a delay at once', async () => {
    const executionId = await start(wait);
    await cancel(executionId);
    await cancel(executionId);
    expect(await read(executionId)).toMatchObject({
      status: 'cancelled',
      currentStep: null,
      completedAt: expect.any(Date),
      executionLog: [{ stepId: 'wait', status: 'cancelled' }],
    });
    expect(await fixture.eventTypes(executionId)).toEqual([
      'execution-started',
      'execution-cancel-requested',
      'step-cancelled',
      'execution-cancelled',
    ]);
  });

  it('keeps a step from beginning that nobody has taken', async () => {
    const executionId = await start(hold('a', ['b']), hold('b'));
    const data = await job(executionId, 'a');
    await cancel(executionId);
    await runner(here).handle(data);
    expect(held[0]!.calls).toEqual([]);
    expect(await read(executionId)).toMatchObject({ status: 'cancelled', executionLog: [{ status: 'cancelled' }] });
  });

  it('lets a running step end and begins no other', async () => {
    const executionId = await start(hold('a', ['b']), hold('b'));
    const working = runner(here).handle(await job(executionId, 'a'));
    const { end } = await called(held[0]!);
    await cancel(executionId);
    expect((await read(executionId)).status).toBe('cancelling');
    end();
    await working;
    expect(await read(executionId)).toMatchObject({
      status: 'cancelled',
      executionLog: [{ stepId: 'a', status: 'completed', result: 'held' }],
    });
  });
});

describe('limits', () => {
  it('bound the executions of a workflow that run a step, first come first served', async () => {
    const { id } = await create({ steps: [hold('a', ['b']), hold('b')], settings: { maxConcurrentExecutions: 2 } });
    const executions: string[] = [];
    for (let n = 0; n < 5; n++) executions.push(await execute(id));
    const jobs = await Promise.all(executions.map((executionId) => job(executionId, 'a')));
    const [one, two, three, four, five] = jobs as [JsonObject, JsonObject, JsonObject, JsonObject, JsonObject];
    const working = [one, two].map((data) => runner(here).handle(data));
    await called(held[0]!, 2);
    await Promise.all([three, four, five].map((data) => runner(there).handle(data)));
    expect(held[1]!.calls).toEqual([]);
    const statuses = await Promise.all(executions.map(async (executionId) => (await read(executionId)).status));
    expect(statuses).toEqual(['running', 'running', 'waiting', 'waiting', 'waiting']);

    // A run-on keeps its place; only when it is over does the next one get it.
    held[0]!.calls[0]!.end();
    await called(held[0]!, 3);
    await runner(there).handle(three);
    expect(held[1]!.calls).toEqual([]);
    held[0]!.calls[2]!.end();
    await working[0]!;
    await runner(there).handle(five);
    expect(held[1]!.calls).toEqual([]);
    const last = runner(there).handle(three);
    await called(held[1]!);
    expect((await read(executions[2]!)).status).toBe('running');

    const ending = setInterval(endAll, 10);
    await Promise.all([...working, last]).finally(() => clearInterval(ending));
    expect((await read(executions[2]!)).status).toBe('completed');
  });

  it('count the branches of one execution together, and wake those that were turned away with it', async () => {
    const branches = {
      id: 'all',
      name: 'all',
      type: 'parallel',
      configuration: { join: 'all' },
      nextSteps: ['a', 'b'],
    };
    const { id } = await create({ steps: [branches, hold('a'), hold('b')], settings: { maxConcurrentExecutions: 1 } });
    const [one, two] = [await execute(id), await execute(id)];
    const working = [runner(here).handle(await job(one, 'a'))];
    await called(held[0]!);
    for (const branch of ['a', 'b']) await runner(there).handle(await job(two, branch));
    expect([held[1]!.calls, (await read(two)).status]).toEqual([[], 'waiting']);
    working.push(runner(here).handle(await job(one, 'b')));
    await called(held[0]!, 2);
    endAll();
    await Promise.all(working);
    expect((await read(one)).status).toBe('completed');
    const woken = jest.spyOn(there.get(Queues), 'wake');
    const next = runner(there).handle(await job(two, 'b'));
    await called(held[1]!);
    expect(woken.mock.calls.flatMap(([, jobs]) => jobs.map(({ data }) => data))).toContainEqual(await job(two, 'a'));
    const last = runner(there).handle(await job(two, 'a'));
    await called(held[1]!, 2);
    endAll();
    await Promise.all([next, last]);
    expect((await read(two)).status).toBe('completed');
  });

  it('let a step go on while older ones wait for a worker of another queue, as long as there is a place', async () => {
    const parameters = { subject: 'Hello', text: 'Hello', recipient: 'queue@bound.test' };
    const steps = [
      {
        id: 'which',
        type: 'condition',
        name: 'which',
        configuration: { condition: { '==': [{ var: 'isHeld' }, true] }, when: 'held', otherwise: 'mailed' },
      },
      { ...hold('held'), nextSteps: [] },
      { ...mail('mailed', parameters.recipient), nextSteps: [] },
    ];
    const variables = [{ name: 'isHeld', type: 'boolean', required: true }];
    const { id } = await create({ steps, variables, settings: { maxConcurrentExecutions: 1 } });
    const start = async (isHeld: boolean): Promise<string> =>
      (await here.get(CommandBus).execute(new ExecuteWorkflow(actor, id, { isHeld }))).executionId;
    await start(false);
    await start(false);
    const working = runner(here).handle(await job(await start(true), 'held'));
    await called(held[0]!);
    endAll();
    await working;
  });

  it('hold when two workers ask at the same moment', async () => {
    const { id } = await create({ steps: [hold('a')], settings: { maxConcurrentExecutions: 1 } });
    const [one, two] = [await execute(id), await execute(id)];
    const other = await fixture.owner.connect();
    try {
      await other.query('begin');
      await other.query(`select claim_step_run($1, $2, $3, interval '1 minute', 100)`, [
        organizationId,
        (await runOf(one, 'a')).id,
        newId(),
      ]);
      const asking = runner(here).handle(await job(two, 'a'));
      await eventually(async () => {
        const waiting = `select from pg_locks where locktype = 'advisory' and not granted
          and database = (select oid from pg_database where datname = current_database())`;
        expect(held[0]!.calls.length + ((await fixture.owner.query(waiting)).rowCount ?? 0)).toBe(1);
      });
      await other.query('commit');
      const ending = setInterval(endAll, 50);
      await asking.finally(() => clearInterval(ending));
    } finally {
      other.release();
    }
    expect(held[0]!.calls).toEqual([]);
    expect((await read(two)).status).toBe('waiting');
  });

  it('hold under many workers at once', async () => {
    const { id } = await create({ steps: [hold('a')], settings: { maxConcurrentExecutions: 3 } });
    const executions = await Promise.all(Array.from({ length: 12 }, () => execute(id)));
    const jobs = await Promise.all(executions.map((executionId) => job(executionId, 'a')));
    Object.assign(load, { running: 0, most: 0 });
    const ending = setInterval(endAll, 100);
    try {
      const done = async (): Promise<boolean> => {
        const statuses = await Promise.all(executions.map(async (executionId) => (await read(executionId)).status));
        return statuses.every((status) => status === 'completed');
      };
      for (let round = 0; round < 40 && !(await done()); round++) {
        await Promise.all(jobs.map((data, n) => runner(n % 2 ? here : there).handle(data)));
      }
      expect(await done()).toBe(true);
      expect(load.most).toBe(3);
    } finally {
      clearInterval(ending);
    }
  });

  it('end an execution whose steps run too long together', async () => {
    const { id } = await create({
      steps: [{ ...hold('a'), onError: { then: 'continue' } }],
      settings: { timeoutMs: 100 },
    });
    const executionId = await execute(id);
    await runner(here).handle(await job(executionId, 'a'));
    expect(held[0]!.calls[0]!.context.signal.aborted).toBe(true);
    expect(await read(executionId)).toMatchObject({
      status: 'failed',
      errorMessage: expect.stringContaining('100 ms'),
      executionLog: [{ status: 'failed', result: { error: { code: 'timed-out' } } }],
    });
  });
});

describe('kept mails', () => {
  it('are shown to whoever develops, and only those', async () => {
    const keeping = await startProcess({ SMTP_URL: '', PROCESS_ROLE: 'api' });
    const executionId = await start(mail('a', 'kept@example.com'));
    await runner(keeping).handle(await job(executionId, 'a'));
    const page = await request(keeping.getHttpServer()).get('/dev/mail');
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toContain('kept@example.com');
    const listed = await request(keeping.getHttpServer()).get('/dev/mail').accept('application/json');
    expect((listed.body as { recipient: string }[]).map(({ recipient }) => recipient)).toEqual(['kept@example.com']);
  });
});
