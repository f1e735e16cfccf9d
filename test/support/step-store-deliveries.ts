import { describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/id.js';
import { begun, ended, task, transition } from './store-scene.js';
import type { StoreSuite } from './store-suite.js';

/** The part of the contract about what comes from outside: deliveries, the tasks of people, the ends of children. */
export const describeDeliveries = ({ apply, claimed, outcome, runOf, scene, startWith }: StoreSuite): void => {
  describe('lets a run wait for what comes from outside', () => {
    const wait = (stepId = 'wait') =>
      begun(stepId, {
        delayMs: null,
        isStarted: true,
        eventType: 'crm.lead-changed',
        matchField: '',
        matchValue: '',
      });

    it('for ever, when it has no timer', async () => {
      const { id } = await startWith(wait());
      await scene().pass(86_400_000);
      expect(await scene().here.claim(scene().organizationId, id)).toBeUndefined();
      expect((await scene().swept.due()).some((run) => run.id === id)).toBe(false);
    });

    it('and is due with it, which a worker is told', async () => {
      const { executionId, id } = await startWith(wait());
      expect(await scene().deliver(id, { output: { n: 1 } })).toBe(true);
      expect(await runOf(executionId, 'wait')).toMatchObject({ status: 'waiting', delivered: { output: { n: 1 } } });
      const held = await claimed(scene().here, id);
      expect(held.delivered).toEqual({ output: { n: 1 } });
      const { isApplied } = await apply(scene().here, held, { ended: [ended('wait', { output: { n: 1 } })] });
      expect(isApplied).toBe(true);
    });

    it('and is found by the sweeper when nobody heard of it', async () => {
      const { id } = await startWith(wait());
      await scene().deliver(id, { output: null });
      await scene().pass(2_500);
      expect((await scene().swept.due()).some((run) => run.id === id)).toBe(true);
    });

    it('once, and no longer when it is over', async () => {
      const { executionId, id } = await startWith(wait());
      expect(await scene().deliver(id, { output: 'first' })).toBe(true);
      expect(await scene().deliver(id, { output: 'second' })).toBe(false);
      const held = await claimed(scene().here, id);
      expect(await scene().deliver(id, { output: 'third' })).toBe(false);
      await apply(scene().here, held, { ended: [ended('wait')] });
      expect(await scene().deliver(id, { output: 'late' })).toBe(false);
      expect(await runOf(executionId, 'wait')).toMatchObject({ delivered: { output: 'first' } });
      expect(await scene().deliver(newId(), { output: null })).toBe(false);
    });

    it('also while its timer is attended to: then the transition of the timer is refused', async () => {
      const { id } = await startWith({ ...wait(), delayMs: 0 });
      const held = await claimed(scene().here, id);
      expect(held.delivered).toBeNull();
      expect(await scene().deliver(id, { output: 'in time' })).toBe(true);
      const timedOut = { ended: [ended('wait', { status: 'failed', error: { code: 'wait-timed-out' } })] };
      expect((await apply(scene().here, held, timedOut)).isApplied).toBe(false);
      const fresh = await scene().here.reload(held);
      expect(fresh).toMatchObject({ delivered: { output: 'in time' }, fence: held.fence });
      expect((await apply(scene().here, fresh!, { ended: [ended('wait')] })).isApplied).toBe(true);
    });
  });

  describe('keeps the task of a person', () => {
    const startTask = async () => {
      const run = begun('task', { delayMs: 0, isStarted: true });
      const change = transition({ status: 'waiting', begun: [run], tasks: [task(run)] });
      return { id: run.id, executionId: await scene().start(await scene().workflow(), change) };
    };

    it('through its notices, and re-arms the run', async () => {
      const { executionId, id } = await startTask();
      const notice = { stepId: 'task', scope: '', visit: 1, reassigns: false, assignee: null, role: null };
      const reminded = { ...notice, delayMs: 60_000, notice: 'reminder' as const };
      const held = await claimed(scene().here, id);
      await apply(scene().here, held, { status: 'waiting', rearmed: [reminded] });
      expect(await scene().task(id)).toEqual({
        ...{ status: 'open', assignee: null, role: 'manager', isReminded: true, isEscalated: false },
      });
      expect(await runOf(executionId, 'task')).toMatchObject({
        status: 'waiting',
        fence: 1,
        attempt: 1,
        hasLease: false,
      });
      expect(await outcome(scene().here, id)).toBe('early');
      await scene().pass(60_000);
      const to = { reassigns: true, assignee: null, role: 'owner' };
      const escalated = { ...notice, ...to, delayMs: null, notice: 'escalation' as const };
      await apply(scene().here, await claimed(scene().here, id), { status: 'waiting', rearmed: [escalated] });
      expect(await scene().task(id)).toMatchObject({
        status: 'open',
        role: 'owner',
        isReminded: true,
        isEscalated: true,
      });
      await scene().pass(86_400_000);
      expect(await outcome(scene().here, id)).toBeUndefined();
    });

    it('which ends with its step', async () => {
      const { executionId, id } = await startTask();
      const cancelled = ended('task', { status: 'cancelled', taskStatus: 'cancelled' });
      await scene().change(executionId, 1, transition({ status: 'cancelled', isFinal: true, ended: [cancelled] }));
      expect(await scene().task(id)).toMatchObject({ status: 'cancelled', isReminded: false });
      expect(await scene().task(newId())).toBeUndefined();
    });
  });

  describe('tells the step that waits for a child', () => {
    const startFamily = async () => {
      const workflow = await scene().workflow();
      const parent = begun('child', { delayMs: null });
      const parentId = await scene().start(workflow, transition({ status: 'waiting', begun: [parent] }));
      const run = begun('a');
      const childId = await scene().start(workflow, transition({ begun: [run] }), parent.id);
      return { parentId, childId, parent, run };
    };

    it('how it ended, in the transition that ends it', async () => {
      const { parent, childId, run } = await startFamily();
      const held = await claimed(scene().here, run.id);
      expect(held.execution.parentStepRunId).toBe(parent.id);
      const end = { status: 'completed', isFinal: true, state: { outputs: { a: 1 } }, ended: [ended('a')] } as const;
      expect((await apply(scene().here, held, end)).parent).toEqual({
        ...{ id: parent.id, queue: 'workflow-steps', fence: 0 },
      });
      expect((await claimed(scene().there, parent.id)).delivered).toEqual({
        output: { executionId: childId, status: 'completed', outputs: { a: 1 } },
      });
    });

    it('also when it was stopped from outside, or failed', async () => {
      const { parent, childId } = await startFamily();
      const cancelled = transition({
        ...{ status: 'cancelled', isFinal: true, errorMessage: 'Enough.' },
        ended: [ended('a', { status: 'cancelled' })],
      });
      const applied = await scene().change(childId, 1, cancelled);
      expect(applied).toMatchObject({ isApplied: true, parent: { id: parent.id } });
      const message = `The execution ${childId} ended cancelled: Enough.`;
      const { delivered } = await claimed(scene().there, parent.id);
      expect(delivered).toEqual({ error: { code: 'subworkflow-failed', message } });
    });

    it('not while it goes on, and not when that step is over', async () => {
      const { parent, parentId, run } = await startFamily();
      const held = await claimed(scene().here, run.id);
      const next = begun('b', { status: 'running', isStarted: true });
      const change = { ended: [ended('a')], begun: [next] };
      expect(await apply(scene().here, held, change)).toMatchObject({ isApplied: true, parent: null });
      const cancelled = { status: 'cancelled' as const, isFinal: true };
      const left = transition({ ...cancelled, ended: [ended('child', { status: 'cancelled' })] });
      await scene().change(parentId, 1, left);
      const fresh = { ...held, id: next.id, stepId: 'b', fence: 1, execution: { ...held.execution, version: 2 } };
      const end = { status: 'completed' as const, isFinal: true, ended: [ended('b')] };
      expect(await apply(scene().here, fresh, end)).toMatchObject({ isApplied: true, parent: null });
      expect(await outcome(scene().there, parent.id)).toBeUndefined();
    });
  });
};
