import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CreateEntryPoint } from '../../src/rules/entry-points/commands/change-entry-points.js';
import { CancelExecution } from '../../src/workflows/executions/commands/cancel-execution.js';
import { ResumeStep } from '../../src/workflows/executions/commands/resume-step.js';
import { RetryExecution } from '../../src/workflows/executions/commands/retry-execution.js';
import { StepActions, type StepContext } from '../../src/workflows/executions/step-actions.js';
import { eventually } from '../support/eventually.js';
import { act, startScene, type WorkflowScene } from './workflow-scene.js';

let scene: WorkflowScene;

beforeAll(async () => {
  scene = await startScene();
});

afterAll(() => scene.fixture.stop());

beforeEach(() => {
  scene.deeds.done.splice(0);
  scene.deeds.isBroken = false;
});

const step = (id: string, type: string, configuration: object, more: object = {}) => ({
  id,
  name: id,
  type,
  configuration,
  ...more,
});
const entry = (log: readonly { stepId: string }[], stepId: string) => log.find((one) => one.stepId === stepId);
const waitsAt = (id: string, stepId: string) =>
  eventually(async () => {
    const { openSteps } = await scene.read(id);
    const open = openSteps.find((one) => one.stepId === stepId && one.status === 'waiting');
    if (!open) throw new Error(`"${stepId}" does not wait.`);
    return open;
  }, 20_000);
const resume = (executionId: string, stepId: string, result: object): Promise<void> =>
  scene.commands.execute(new ResumeStep(scene.actor, { executionId, stepId }, { ...result }));
const tasksOf = async (executionId: string): Promise<Record<string, unknown>[]> => {
  const statement = 'select * from human_tasks where execution_id = $1';
  return (await scene.fixture.owner.query<Record<string, unknown>>(statement, [executionId])).rows;
};

describe('parallel branches', () => {
  it('all run before what follows, and each output is kept', async () => {
    const id = await scene.start(
      step('both', 'parallel', { join: 'all', then: 'after' }, { nextSteps: ['a', 'pause'] }),
      act('a'),
      step('pause', 'delay', { duration: 'PT0.2S' }, { nextSteps: ['b'] }),
      act('b'),
      step('after', 'action', { action: 'echo', parameters: { a: '{{steps.a.id}}', b: '{{steps.b.id}}' } }),
    );
    const { executionLog, openSteps } = await scene.reaches(id, 'completed');
    expect(executionLog.map(({ stepId }) => stepId)).toEqual(['a', 'pause', 'b', 'both', 'after']);
    expect(entry(executionLog, 'b')).toMatchObject({ scope: 'both.1.1', status: 'completed' });
    expect(entry(executionLog, 'after')).toMatchObject({ result: { a: 'a', b: 'b' } });
    expect(openSteps).toEqual([]);
  });

  it('are cancelled when another one is enough, tasks of people too', async () => {
    const id = await scene.start(
      step('first', 'parallel', { join: 'any' }, { nextSteps: ['ask', 'pause'] }),
      step('ask', 'human_task', { title: 'Decide', role: 'owner' }),
      step('pause', 'delay', { duration: 'PT0.2S' }),
    );
    const { executionLog } = await scene.reaches(id, 'completed');
    expect(entry(executionLog, 'ask')).toMatchObject({ status: 'cancelled' });
    expect(await tasksOf(id)).toMatchObject([{ title: 'Decide', role: 'owner', status: 'cancelled' }]);
  });
});

describe('a for_each', () => {
  it('runs its body for each item, and gives the results in order', async () => {
    const body = { action: 'echo', parameters: { item: '{{item}}', index: '{{index}}' } };
    const id = await scene.start(
      step('each', 'for_each', { items: ['x', 'y', 'z'], do: 'body', concurrency: 2 }),
      step('body', 'action', body),
    );
    const { executionLog } = await scene.reaches(id, 'completed');
    const results = ['x', 'y', 'z'].map((item, index) => ({ item, index }));
    expect(entry(executionLog, 'each')).toMatchObject({ result: { results, count: 3 } });
  });
});

describe('an event', () => {
  const waiting = (equals: string, more: object = {}) =>
    step('wait', 'wait_for_event', {
      eventType: 'workflows.execution-completed',
      match: { field: 'payload.name', equals },
      ...more,
    });

  it('goes to every execution that waits for it, when the filter of its step holds', async () => {
    const { id: told, name } = await scene.create({ steps: [act('a')] });
    const ids = [await scene.start(waiting(name)), await scene.start(waiting(name))];
    const other = await scene.start(waiting('Another'));
    const filtered = await scene.start(waiting(name, { filter: { '==': [{ var: 'event.payload.version' }, 2] } }));
    for (const id of [...ids, other, filtered]) await waitsAt(id, 'wait');
    await scene.execute(told);
    for (const id of ids) {
      const { executionLog } = await scene.reaches(id, 'completed');
      expect(executionLog).toMatchObject([{ stepId: 'wait', result: { payload: { name, version: 1 } } }]);
    }
    expect((await scene.read(other)).status).toBe('waiting');
    expect((await scene.read(filtered)).status).toBe('waiting');
  });

  it('that does not come ends the wait at its timeout', async () => {
    const id = await scene.start(waiting('Nobody', { timeout: 'P1D', onTimeout: 'late' }), act('late'));
    expect((await waitsAt(id, 'wait')).dueAt).not.toBeNull();
    await scene.fixture.pass('2 days');
    const { executionLog } = await scene.reaches(id, 'completed');
    expect(executionLog).toMatchObject([{ stepId: 'wait', result: { timedOut: true } }, { stepId: 'late' }]);
  });

  it('and the timeout never both win', async () => {
    const { id: workflow } = await scene.create({
      steps: [waiting('Nobody', { timeout: 'PT0.3S', onTimeout: 'late' }), act('late')],
    });
    const ids = await Promise.all(Array.from({ length: 12 }, () => scene.execute(workflow)));
    const answers = await Promise.all(
      ids.map(async (id, n) => {
        await new Promise((resolve) => setTimeout(resolve, 200 + 25 * n));
        return resume(id, 'wait', { brought: true }).then(
          () => 'brought',
          () => 'late',
        );
      }),
    );
    const ends = await Promise.all(
      ids.map(async (id) => {
        const { executionLog } = await scene.reaches(id, 'completed');
        return entry(executionLog, 'late') ? 'late' : 'brought';
      }),
    );
    expect(ends).toEqual(answers);
  });
});

describe('a human task', () => {
  it('is told of again, goes to somebody else, and goes on with the result', async () => {
    const configuration = {
      title: 'Approve {{execution.id}}',
      role: 'manager',
      remindAfter: 'P1D',
      escalateAfter: 'P2D',
      escalateTo: { role: 'owner' },
      timeout: 'P9D',
    };
    const id = await scene.start(step('ask', 'human_task', configuration, { nextSteps: ['after'] }), act('after'));
    await waitsAt(id, 'ask');
    expect(await tasksOf(id)).toMatchObject([{ title: `Approve ${id}`, role: 'manager', status: 'open' }]);
    await scene.fixture.pass('1 day');
    await eventually(async () => expect((await tasksOf(id))[0]!.reminded_at).not.toBeNull(), 20_000);
    await scene.fixture.pass('1 day');
    await eventually(async () => expect((await tasksOf(id))[0]!.escalated_at).not.toBeNull(), 20_000);
    expect(await tasksOf(id)).toMatchObject([{ role: 'owner', assignee: null, status: 'open' }]);
    await resume(id, 'ask', { approved: true });
    await expect(resume(id, 'ask', { approved: false })).rejects.toMatchObject({ kind: 'conflict' });
    const { executionLog } = await scene.reaches(id, 'completed');
    expect(executionLog).toMatchObject([{ stepId: 'ask', result: { approved: true } }, { stepId: 'after' }]);
    expect(await tasksOf(id)).toMatchObject([{ status: 'completed', completed_by: scene.actor.id }]);
    const types = await scene.fixture.eventTypes(id);
    expect(types.filter((type) => type.startsWith('human-task'))).toEqual([
      'human-task-created',
      'human-task-reminded',
      'human-task-escalated',
    ]);
  });
});

describe('a subworkflow', () => {
  const calling = (workflow: string, more: object = {}) =>
    step('call', 'subworkflow', { workflow, variables: { number: 7 } }, more);
  const variables = [{ name: 'number', type: 'number' }];

  it('gives its outputs to the step that waited for it', async () => {
    const given = step('give', 'action', { action: 'echo', parameters: { number: '{{number}}' } });
    const { name } = await scene.create({ variables, steps: [given] });
    const id = await scene.start(calling(name));
    const { executionLog, childExecutionIds } = await scene.reaches(id, 'completed');
    expect(executionLog).toMatchObject([
      { stepId: 'call', result: { status: 'completed', outputs: { give: { number: 7 } } } },
    ]);
    expect(await scene.read(childExecutionIds[0]!)).toMatchObject({ parentExecutionId: id, status: 'completed' });
  });

  it('that fails makes the step fail', async () => {
    const { name } = await scene.create({ variables, steps: [act('no', 'refuse')] });
    const { executionLog } = await scene.reaches(await scene.start(calling(name)), 'failed');
    expect(executionLog).toMatchObject([{ stepId: 'call', result: { error: { code: 'subworkflow-failed' } } }]);
  });

  it('is cancelled with the step that waits for it', async () => {
    const { name } = await scene.create({ variables, steps: [step('long', 'delay', { duration: 30 })] });
    const id = await scene.start(calling(name));
    const [child] = await eventually(async () => {
      const { childExecutionIds } = await scene.read(id);
      expect(childExecutionIds).toHaveLength(1);
      return childExecutionIds;
    }, 20_000);
    expect((await scene.read(id)).status).toBe('waiting');
    await scene.commands.execute(new CancelExecution(scene.actor, id));
    expect((await scene.read(id)).status).toBe('cancelled');
    await scene.reaches(child!, 'cancelled');
  });

  it('that calls itself for ever fails where the chain becomes too deep', async () => {
    const name = 'Endless';
    const { id: workflow } = await scene.create({ name, variables, steps: [calling(name)] });
    const { executionLog } = await scene.reaches(await scene.execute(workflow), 'failed');
    expect(JSON.stringify(executionLog)).toContain('too-deep');
  });
});

describe('undoing', () => {
  const steps = [
    act('a', 'echo', { nextSteps: ['b'], compensation: 'undo_a' }),
    act('b', 'echo', { nextSteps: ['ask'], compensation: 'undo_b' }),
    step('ask', 'human_task', { title: 'Decide', role: 'owner' }),
    act('undo_a'),
    act('undo_b'),
  ];

  it('runs the compensations of completed steps in reverse order when a cancellation asks for it', async () => {
    const id = await scene.start(...steps);
    await waitsAt(id, 'ask');
    await scene.commands.execute(new CancelExecution(scene.actor, id, true));
    await scene.reaches(id, 'compensated');
    expect(scene.deeds.done.map((parameters) => parameters.id)).toEqual(['a', 'b', 'undo_b', 'undo_a']);
    expect(await tasksOf(id)).toMatchObject([{ status: 'cancelled' }]);
  });
});

describe('a failed execution', () => {
  it('goes on from what failed when it is retried, once it can', async () => {
    const never = { onError: { then: 'fail', retry: { attempts: 0, backoff: 'fixed', delayMs: 0 } } };
    scene.deeds.isBroken = true;
    const id = await scene.start(act('a', 'echo', { nextSteps: ['b'] }), act('b', 'flaky', never));
    await scene.reaches(id, 'failed');
    scene.deeds.isBroken = false;
    await scene.commands.execute(new RetryExecution(scene.actor, id));
    const { executionLog, errorMessage } = await scene.reaches(id, 'completed');
    expect(executionLog.map(({ stepId, status }) => `${stepId} ${status}`)).toEqual([
      'a completed',
      'b failed',
      'b completed',
    ]);
    expect(errorMessage).toBeNull();
    await expect(scene.commands.execute(new RetryExecution(scene.actor, id))).rejects.toMatchObject({
      code: 'execution-not-failed',
    });
  });
});

describe('actions that reach further', () => {
  it('start a workflow once, however often the step is tried', async () => {
    const { name, id: workflow } = await scene.create({ steps: [act('a')] });
    const id = await scene.start(step('go', 'action', { action: 'start_workflow', parameters: { workflow: name } }));
    const { executionLog } = await scene.reaches(id, 'completed');
    const { executionId } = executionLog[0]!.result as { executionId: string };
    expect(await scene.reaches(executionId, 'completed')).toMatchObject({ parentExecutionId: null });
    const again = { actor: scene.actor, parameters: { workflow: name }, idempotencyKey: `${id}.go.1` };
    const actions = scene.app.get(StepActions, { strict: false });
    expect(await actions.run('start_workflow', again as unknown as StepContext)).toEqual({ executionId });
    const statement = 'select id from workflow_executions where workflow_id = $1';
    expect((await scene.fixture.owner.query(statement, [workflow])).rows).toEqual([{ id: executionId }]);
  });

  it('take a recorded decision, and give what it came to', async () => {
    const settings = { schema: { type: 'object' }, writableFields: [], failurePolicy: 'fail_open' as const };
    const hidden = { description: 'An order', sensitivePaths: [], personalPaths: [] };
    await scene.commands.execute(new CreateEntryPoint(scene.actor, 'orders.placed', { ...settings, ...hidden }));
    const parameters = { entryPoint: 'orders.placed', context: { order: { total: 1 } } };
    const id = await scene.start(step('decide', 'action', { action: 'execute_rules', parameters }));
    const { executionLog } = await scene.reaches(id, 'completed');
    expect(executionLog).toMatchObject([{ result: { outcome: 'allow', effects: [] } }]);
    const { executionId } = executionLog[0]!.result as { executionId: string };
    const statement = 'select type from events where id = $1';
    expect((await scene.fixture.owner.query(statement, [executionId])).rows).toEqual([{ type: 'rules.executed' }]);
  });
});
