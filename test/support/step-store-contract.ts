import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/id.js';
import { begun, ended, type StoreScene, transition } from './store-scene.js';
import { describeDeliveries } from './step-store-deliveries.js';
import { StoreSuite } from './store-suite.js';

/** What is known of a step's store wherever its rows are kept: PostgreSQL's passes this suite, and so must any other. */
export const describeStepStore = (
  name: string,
  open: () => Promise<{ scene: StoreScene; close: () => Promise<void> }>,
): void => {
  let scene: StoreScene;
  let close: () => Promise<void>;
  const suite = new StoreSuite(() => scene);
  const { apply, claimed, outcome, runOf, startWith } = suite;

  beforeAll(async () => {
    ({ scene, close } = await open());
  });
  afterAll(() => close());

  describe(`the step store ${name}`, () => {
    describe('gives a run that is due', () => {
      it('to one worker, with all that its step starts from', async () => {
        const { executionId, id } = await startWith(begun('a', { input: { text: 'x' }, scope: 's.1.0', visit: 3 }));
        const { here, there, organizationId } = scene;
        const held = await claimed(here, id);
        expect(held).toMatchObject({
          ...{ organizationId, id, stepId: 'a', scope: 's.1.0', visit: 3, attempt: 1, fence: 1 },
          ...{ queue: 'workflow-steps', input: { text: 'x' } },
          execution: { id: executionId, version: 1, definitionVersion: 1, status: 'running', activeMs: 0, depth: 0 },
        });
        expect(Date.parse(held.execution.now)).not.toBeNaN();
        expect(await there.claim(organizationId, id)).toBeUndefined();
        expect(await here.claim(organizationId, id)).toBeUndefined();
        expect(await runOf(executionId, 'a')).toMatchObject({ status: 'running', isStarted: true, hasLease: true });
      });

      it('to one worker each, when both ask for many of several workflows at once', async () => {
        const workflows = await Promise.all([scene.workflow(), scene.workflow(), scene.workflow(3)]);
        const runs: string[] = [];
        for (let n = 0; n < 30; n++) runs.push((await startWith(begun('a'), workflows[n % 3])).id);
        const asked = [scene.here, scene.there].flatMap((store) => runs.map((id) => outcome(store, id)));
        const outcomes = await Promise.all(asked);
        const claimsOf = (index: number): number =>
          [index, index + 30].filter((place) => outcomes[place] === 'claimed').length;
        const bounded = runs.map((_, index) => claimsOf(index)).filter((_, index) => index % 3 === 2);
        expect(runs.flatMap((_, index) => (index % 3 === 2 ? [] : [claimsOf(index)]))).toEqual(Array(20).fill(1));
        expect(bounded.filter((count) => count === 1)).toHaveLength(3);
        expect(bounded.filter((count) => count === 0)).toHaveLength(7);
      });

      it('not before its time', async () => {
        const { id } = await startWith(begun('wait', { delayMs: 60_000 }));
        const early = await scene.here.claim(scene.organizationId, id);
        expect(early).toEqual({ outcome: 'early', waitMs: expect.any(Number) });
        expect((early as { waitMs: number }).waitMs).toBeGreaterThan(50_000);
        expect((early as { waitMs: number }).waitMs).toBeLessThanOrEqual(60_000);
        await scene.pass(60_000);
        expect(await outcome(scene.here, id)).toBe('claimed');
      });

      it('to nobody of another organization', async () => {
        const { executionId, id } = await startWith(begun('a'));
        expect(await scene.here.claim(newId(), id)).toBeUndefined();
        expect(await scene.here.claim(scene.organizationId, newId())).toBeUndefined();
        expect(await runOf(executionId, 'a')).toMatchObject({ status: 'waiting', fence: 0 });
      });

      it('and brings the execution that waited to life', async () => {
        const run = begun('wait');
        const executionId = await scene.start(await scene.workflow(), transition({ status: 'waiting', begun: [run] }));
        expect((await claimed(scene.here, run.id)).execution.status).toBe('running');
        expect(await scene.execution(executionId)).toMatchObject({ status: 'running', version: 1 });
      });
    });

    describe('keeps a lease', () => {
      it('against others until it ends; the next holder has a higher fence', async () => {
        const { executionId, id } = await startWith(begun('a'));
        const lost = await claimed(scene.here, id);
        await scene.endLeases();
        const held = await claimed(scene.there, id);
        expect([lost.fence, held.fence, held.attempt]).toEqual([1, 2, 1]);
        expect(await scene.here.renew(lost)).toBe(false);
        expect(await scene.here.reload(lost)).toBeUndefined();
        expect(await scene.there.renew(held)).toBe(true);
        expect((await scene.there.reload(held))?.execution.id).toBe(executionId);
      });

      it('that is renewed, also when it had ended and nobody took the run', async () => {
        const { id } = await startWith(begun('a'));
        const held = await claimed(scene.here, id);
        await scene.endLeases();
        expect(await scene.here.renew(held)).toBe(true);
        expect(await outcome(scene.there, id)).toBeUndefined();
      });

      it('not for a run that has ended', async () => {
        const { id } = await startWith(begun('a'));
        const held = await claimed(scene.here, id);
        await apply(scene.here, held, { status: 'completed', isFinal: true, ended: [ended('a')] });
        expect(await scene.here.renew(held)).toBe(false);
        expect(await scene.here.reload(held)).toBeUndefined();
        await scene.endLeases();
        expect(await outcome(scene.there, id)).toBeUndefined();
      });
    });

    describe('writes a transition', () => {
      it('whole: execution, the run that ended, those that passed and begin, the events', async () => {
        const { executionId, id } = await startWith(begun('a'));
        const held = await claimed(scene.here, id);
        const taken = begun('c', { status: 'running', isStarted: true, input: { n: 1 } });
        const state = { outputs: { a: 1 }, open: [{ stepId: 'c', scope: '', visit: 1, attempt: 1 }], visits: { a: 1 } };
        const { isApplied } = await scene.here.apply({
          held,
          change: transition({
            state,
            ended: [ended('a', { output: { n: 1 } })],
            begun: [begun('b', { status: 'completed', isStarted: true, output: { result: true }, position: 1 }), taken],
          }),
          events: [{ type: 'workflows.step-completed', version: 1, payload: { stepId: 'a' } }],
          activeMs: 12.4,
        });
        expect(isApplied).toBe(true);
        expect(await scene.execution(executionId)).toMatchObject({
          ...{ version: 2, status: 'running', currentStep: 'c', activeMs: 12, isCompleted: false, state },
          events: ['step-completed'],
        });
        const runs = (await scene.runs(executionId)).toSorted((one, other) => (one.stepId < other.stepId ? -1 : 1));
        expect(runs).toMatchObject([
          {
            stepId: 'a',
            status: 'completed',
            output: { n: 1 },
            error: null,
            hasLease: false,
            endedPosition: 2_000_000,
          },
          { stepId: 'b', status: 'completed', output: { result: true }, isEnded: true, endedPosition: 2_000_001 },
          { stepId: 'c', status: 'running', fence: 1, isEnded: false, hasLease: true, endedPosition: null },
        ]);
      });

      it('with a run that is taken over at once: nobody else has it until its lease ends', async () => {
        const { id } = await startWith(begun('a'));
        const held = await claimed(scene.here, id);
        const taken = begun('b', { status: 'running', isStarted: true });
        await apply(scene.here, held, { ended: [ended('a')], begun: [taken] });
        expect(await outcome(scene.there, taken.id)).toBeUndefined();
        const goingOn = { ...held, id: taken.id, stepId: 'b', fence: 1 };
        expect((await scene.here.reload(goingOn))?.execution.version).toBe(2);
        await scene.endLeases();
        expect((await claimed(scene.there, taken.id)).fence).toBe(2);
      });

      it('that ends it, and says when and why', async () => {
        const { executionId, id } = await startWith(begun('a'));
        const held = await claimed(scene.here, id);
        const error = { code: 'refused', message: 'No.' };
        await apply(scene.here, held, {
          ...{ status: 'failed', isFinal: true, errorMessage: 'No.', currentStep: null },
          ended: [ended('a', { status: 'failed', error })],
        });
        expect(await scene.execution(executionId)).toMatchObject({
          ...{ status: 'failed', errorMessage: 'No.', currentStep: 'a', isCompleted: true },
        });
        expect(await runOf(executionId, 'a')).toMatchObject({ status: 'failed', error, isEnded: true });
      });

      it('not when the lease was lost', async () => {
        const { executionId, id } = await startWith(begun('a'));
        const lost = await claimed(scene.here, id);
        await scene.endLeases();
        const held = await claimed(scene.there, id);
        const late = { ended: [ended('a', { output: 'late' })], begun: [begun('late')] };
        expect(await apply(scene.here, lost, late)).toMatchObject({ isApplied: false, next: null });
        expect(await scene.runs(executionId)).toMatchObject([{ stepId: 'a', status: 'running', fence: 2 }]);
        expect((await apply(scene.there, held, { ended: [ended('a')] })).isApplied).toBe(true);
        expect((await apply(scene.there, held, { ended: [ended('a')] })).isApplied).toBe(false);
      });

      it('not when the execution has moved on; on what it is now, it is', async () => {
        const { executionId, id } = await startWith(begun('a'));
        const held = await claimed(scene.here, id);
        await scene.change(executionId, 1, transition({ status: 'cancelling', currentStep: 'a' }));
        expect(await apply(scene.here, held, { ended: [ended('a')] })).toMatchObject({ isApplied: false, next: null });
        const fresh = await scene.here.reload(held);
        expect(fresh).toMatchObject({
          ...held,
          readAt: expect.any(Number),
          execution: { version: 2, status: 'cancelling' },
        });
        const { isApplied } = await apply(scene.here, fresh!, {
          status: 'cancelled',
          isFinal: true,
          currentStep: null,
          ended: [ended('a')],
        });
        expect(isApplied).toBe(true);
        expect(await scene.execution(executionId)).toMatchObject({
          version: 3,
          status: 'cancelled',
          currentStep: null,
        });
      });

      it('each by itself, when many come at once: of one execution only the first', async () => {
        const starts = await Promise.all(Array.from({ length: 12 }, () => startWith(begun('a'))));
        const held = await Promise.all(starts.map(({ id }) => claimed(scene.here, id)));
        await scene.change(starts[3]!.executionId, 1, transition({ status: 'cancelling', currentStep: 'a' }));
        const change = (n: number) => ({
          ...{ state: { n }, ended: [ended('a', { output: n })], begun: [begun('b', { input: { n } })] },
        });
        const twice = [...held, held[7]!];
        const applied = await Promise.all(twice.map((step, n) => apply(scene.here, step, change(n))));
        expect(applied.map(({ isApplied }) => isApplied)).toEqual(twice.map((_, n) => n !== 3 && n !== 12));
        for (const [n, { executionId }] of starts.entries()) {
          if (n === 3) continue;
          expect(await scene.execution(executionId)).toMatchObject({ version: 2, state: { n } });
          expect(await scene.runs(executionId)).toMatchObject([
            { stepId: 'a', status: 'completed', output: n },
            { stepId: 'b', status: 'waiting', isEnded: false },
          ]);
        }
        expect(await scene.runs(starts[3]!.executionId)).toMatchObject([{ stepId: 'a', status: 'running' }]);
      });

      it('that lets a run be tried again, later and by a new claim', async () => {
        const { executionId, id } = await startWith(begun('a'));
        const held = await claimed(scene.here, id);
        const error = { code: 'busy', message: 'Later.' };
        const retried = [{ stepId: 'a', scope: '', visit: 1, attempt: 2, delayMs: 5_000, error }];
        await apply(scene.here, held, { retried });
        expect(await runOf(executionId, 'a')).toMatchObject({
          ...{ status: 'waiting', attempt: 2, fence: 1, isEnded: false, hasLease: false },
        });
        expect(await scene.here.renew(held)).toBe(false);
        expect(await outcome(scene.here, id)).toBe('early');
        await scene.pass(5_000);
        expect(await claimed(scene.here, id)).toMatchObject({ attempt: 2, fence: 2 });
      });

      it('from outside: what is cancelled nobody takes', async () => {
        const { executionId, id } = await startWith(begun('wait'));
        const cancelled = { status: 'cancelled' as const, isFinal: true, currentStep: null };
        await scene.change(
          executionId,
          1,
          transition({ ...cancelled, ended: [ended('wait', { status: 'cancelled' })] }),
        );
        expect(await outcome(scene.here, id)).toBeUndefined();
        expect(await runOf(executionId, 'wait')).toMatchObject({ status: 'cancelled', isEnded: true, fence: 0 });
        expect(await scene.execution(executionId)).toMatchObject({ status: 'cancelled', isCompleted: true });
      });
    });

    describeDeliveries(suite);

    describe('bounds the executions of a workflow that run a step', () => {
      it('and names the next one when a place is free', async () => {
        const workflow = await scene.workflow(1);
        const one = await startWith(begun('a'), workflow);
        const two = await startWith(begun('a'), workflow);
        const three = await startWith(begun('a'), workflow);
        const held = await claimed(scene.here, one.id);
        for (const { id } of [three, two]) {
          expect(await scene.there.claim(scene.organizationId, id)).toEqual({ outcome: 'held-back', next: null });
        }
        expect(await scene.execution(two.executionId)).toMatchObject({ status: 'waiting', version: 1 });
        expect(await runOf(two.executionId, 'a')).toMatchObject({ status: 'waiting', isHeldBack: true });
        const { next } = await apply(scene.here, held, { status: 'completed', isFinal: true, ended: [ended('a')] });
        expect(next).toEqual({ id: two.id, queue: 'workflow-steps', fence: 0 });
        expect(await scene.here.claim(scene.organizationId, three.id)).toEqual({ outcome: 'held-back', next });
        expect(await scene.here.claim(scene.organizationId, two.id)).toMatchObject({ outcome: 'claimed', next: null });
        expect(await scene.execution(two.executionId)).toMatchObject({ status: 'running' });
        expect(await runOf(two.executionId, 'a')).toMatchObject({ isHeldBack: false });
      });

      it('and names the next one with a claim, when there is a place for it too', async () => {
        const workflow = await scene.workflow(2);
        const starts: Awaited<ReturnType<typeof startWith>>[] = [];
        for (let n = 0; n < 4; n++) starts.push(await startWith(begun('a'), workflow));
        const [one, two, three, four] = starts.map(({ id }) => id) as [string, string, string, string];
        const held = [await claimed(scene.here, one), await claimed(scene.here, two)];
        expect(await outcome(scene.here, three)).toBe('held-back');
        expect(await outcome(scene.here, four)).toBe('held-back');
        for (const step of held) await apply(scene.here, step, { ended: [ended('a')] });
        expect(await scene.here.claim(scene.organizationId, three)).toMatchObject({ next: { id: four } });
      });

      it('but lets an execution that has a place run several', async () => {
        const workflow = await scene.workflow(1);
        const branches = [begun('a'), begun('b'), begun('c')];
        await scene.start(workflow, transition({ begun: branches }));
        const other = await startWith(begun('a'), workflow);
        const [a, b, c] = branches.map(({ id }) => id) as [string, string, string];
        await claimed(scene.here, other.id);
        for (const id of [a, b, c]) expect(await outcome(scene.here, id)).toBe('held-back');
        await scene.endLeases();
        const held = await claimed(scene.there, other.id);
        const { next } = await apply(scene.there, held, { status: 'completed', isFinal: true, ended: [ended('a')] });
        expect(next).toMatchObject({ id: a });
        expect(await scene.here.claim(scene.organizationId, b)).toMatchObject({ outcome: 'claimed', next: { id: a } });
        expect(await scene.there.claim(scene.organizationId, a)).toMatchObject({ outcome: 'claimed', next: { id: c } });
        expect(await scene.there.claim(scene.organizationId, c)).toMatchObject({ outcome: 'claimed', next: null });
      });

      it('but takes none from a run whose worker is lost', async () => {
        const workflow = await scene.workflow(1);
        const one = await startWith(begun('a'), workflow);
        const two = await startWith(begun('a'), workflow);
        await claimed(scene.here, one.id);
        expect(await outcome(scene.here, two.id)).toBe('held-back');
        await scene.endLeases();
        expect(await outcome(scene.there, two.id)).toBe('held-back');
        expect(await scene.there.claim(scene.organizationId, one.id)).toMatchObject({ outcome: 'claimed', next: null });
      });
    });

    describe('names to the sweeper', () => {
      const among = async (runs: Promise<readonly { id: string }[]>, id: string): Promise<boolean> =>
        (await runs).some((run) => run.id === id);

      it('what is due and nobody took, once in half a minute', async () => {
        const { id } = await startWith(begun('a', { delayMs: 60_000, queue: 'emails' }));
        await scene.pass(61_000);
        expect(await among(scene.swept.due(), id)).toBe(false);
        await scene.pass(2_000);
        const due = (await scene.swept.due()).filter((run) => run.id === id);
        expect(due).toEqual([{ organizationId: scene.organizationId, id, queue: 'emails', fence: 0 }]);
        await scene.swept.putOff(due);
        await scene.pass(25_000);
        expect(await among(scene.swept.due(), id)).toBe(false);
        await scene.pass(6_000);
        expect(await among(scene.swept.due(), id)).toBe(true);
        await claimed(scene.here, id);
        expect(await among(scene.swept.due(), id)).toBe(false);
      });

      it('what was held back, soon', async () => {
        const workflow = await scene.workflow(1);
        const one = await startWith(begun('a'), workflow);
        const two = await startWith(begun('a'), workflow);
        await claimed(scene.here, one.id);
        await scene.pass(40_000);
        await scene.swept.putOff(await scene.swept.due());
        expect(await outcome(scene.here, two.id)).toBe('held-back');
        await scene.pass(3_000);
        expect(await among(scene.swept.due(), two.id)).toBe(true);
      });

      it('not an alarm that was renewed meanwhile as put off', async () => {
        const { id } = await startWith(begun('a'));
        await scene.pass(3_000);
        const due = (await scene.swept.due()).filter((run) => run.id === id);
        const held = await claimed(scene.here, id);
        const retried = [{ stepId: 'a', scope: '', visit: 1, attempt: 2, delayMs: 1_000, error: {} }];
        await apply(scene.here, held, { retried });
        await scene.swept.putOff(due);
        await scene.pass(4_000);
        expect(await among(scene.swept.due(), id)).toBe(true);
      });

      it('whose lease has ended', async () => {
        const { id } = await startWith(begun('a'));
        await claimed(scene.here, id);
        expect(await among(scene.swept.expired(), id)).toBe(false);
        await scene.endLeases();
        expect((await scene.swept.expired()).filter((run) => run.id === id)).toMatchObject([{ fence: 1 }]);
        await claimed(scene.there, id);
        expect(await among(scene.swept.expired(), id)).toBe(false);
      });
    });
  });
};
