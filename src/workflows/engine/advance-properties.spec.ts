import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CheckedExecution } from '../../../test/support/checked-execution.js';
import { propertyRuns } from '../../../test/support/property-runs.js';
import { definitionOf, noted, programs } from '../../../test/support/workflow-arbitraries.js';
import type { UncheckedStep } from './graph.js';
import type { Outcome } from './outcome.js';
import { regionsOf } from './regions.js';
import type { OpenStepRun, StepRunKey } from './state.js';
import { isFinal } from './status.js';
import { checkGraph } from './validate-graph.js';
import { checkReads } from './validate-reads.js';

const MAX_TURNS = 20_000;

/** An endless row of numbers from a given list, which are read again and again. */
const dice = (numbers: readonly number[]) => {
  let turn = 0;
  return (sides: number): number => {
    const number = numbers[turn % numbers.length] ?? 0;
    turn++;
    // A list that is read again must not lead round the same way for ever.
    return (number + Math.floor(turn / numbers.length) * 7) % sides;
  };
};

type Dice = ReturnType<typeof dice>;

const keyOf = ({ stepId, scope, visit }: StepRunKey): StepRunKey => ({ stepId, scope, visit });

const error = (retryable: boolean) => ({ code: 'x', message: 'X.', retryable });

/** What a wait or a task may come to: its timer, or what it waits for. */
const waitOutcome = (execution: CheckedExecution, run: OpenStepRun, roll: Dice): Outcome => {
  const open = execution.state.open.find(({ stepId, visit }) => stepId === run.stepId && visit === run.visit);
  const [timer] = open?.timers ?? [];
  if (!timer || roll(2) === 0) return { kind: 'step-completed', ...keyOf(run), output: { approved: true } };
  execution.now = Math.max(execution.now, Date.parse(timer.at));
  return { kind: 'step-due', ...keyOf(run) };
};

/** One of the things that can happen to an open visit. */
const outcomeOf = (execution: CheckedExecution, run: OpenStepRun, roll: Dice): Outcome => {
  const { type } = execution.stepOf(run.stepId);
  if (type === 'delay') return { kind: 'step-due', ...keyOf(run) };
  if (type === 'wait_for_event' || type === 'human_task') return waitOutcome(execution, run, roll);
  const isStopping = ['cancelling', 'compensating'].includes(execution.state.status) && !execution.undoes(run);
  if (isStopping && roll(3) === 0) return { kind: 'step-skipped', ...keyOf(run) };
  if (roll(4) > 0) return { kind: 'step-completed', ...keyOf(run), output: noted(inputOf(execution, run)) };
  return { kind: 'step-failed', ...run, error: error(roll(3) === 0) };
};

const inputOf = (execution: CheckedExecution, run: StepRunKey) =>
  execution.leaves.find((row) => row.stepId === run.stepId && row.visit === run.visit)?.input ?? null;

/** Something that concerns the whole; undefined most of the time. */
const wholeOutcome = (execution: CheckedExecution, run: OpenStepRun, roll: Dice): Outcome | undefined => {
  const chance = roll(60);
  if (chance === 0) {
    const untaken = execution.leaves.filter(() => roll(2) === 0).map(keyOf);
    return { kind: 'cancel-requested', compensate: roll(2) === 0, untaken };
  }
  return chance === 1 ? { kind: 'timed-out', ...keyOf(run) } : undefined;
};

/** An outcome that nothing open waits for. */
const strays = (run: OpenStepRun): Outcome[] => [
  { kind: 'started' },
  { kind: 'retry-requested' },
  { kind: 'step-completed', ...keyOf(run), visit: run.visit + 1, output: null },
  { kind: 'step-completed', ...keyOf(run), scope: 'elsewhere.1.0', output: null },
  { kind: 'step-due', ...keyOf(run), stepId: 'nobody' },
  { kind: 'step-failed', ...run, attempt: run.attempt + 1, error: error(true) },
  { kind: 'step-failed', ...run, visit: run.visit + 1, error: error(false) },
];

/** Whether an outcome of before ended its visit, so that it must not do anything again. */
const isOver = (execution: CheckedExecution, outcome: Outcome | undefined): outcome is Outcome & StepRunKey =>
  outcome !== undefined &&
  'stepId' in outcome &&
  !execution.state.open.some(({ stepId, visit }) => stepId === outcome.stepId && visit === outcome.visit);

const checkStrays = (execution: CheckedExecution, run: OpenStepRun, roll: Dice): void => {
  const all = strays(run);
  expect(execution.deliver(all[roll(all.length)] ?? { kind: 'started' }).ignored).toBe(true);
  const earlier = execution.outcomes[roll(execution.outcomes.length)];
  if (isOver(execution, earlier)) expect(execution.deliver(earlier).ignored).toBe(true);
};

/** Plays until the execution has ended; a failed one is retried a few times. */
const play = (execution: CheckedExecution, roll: Dice): void => {
  let retries = 0;
  execution.deliver({ kind: 'started' });
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    if (isFinal(execution.state.status)) {
      const isRetried = execution.state.status === 'failed' && retries < 3 && roll(2) === 0;
      if (!isRetried) return;
      retries++;
      expect(execution.deliver({ kind: 'retry-requested' }).ignored).toBeUndefined();
      continue;
    }
    const { leaves } = execution;
    const run = leaves[roll(leaves.length)];
    if (!run) throw new Error('nothing is open and it has not ended');
    checkStrays(execution, run, roll);
    const whole = wholeOutcome(execution, run, roll);
    if (!whole || execution.deliver(whole).ignored) execution.deliver(outcomeOf(execution, run, roll));
  }
  throw new Error(`it has not ended after ${MAX_TURNS} outcomes`);
};

describe('advance', () => {
  it('is tried on workflows that validation accepts', () => {
    fc.assert(
      fc.property(programs(), (program) => {
        const { steps } = definitionOf(program);
        const unchecked = JSON.parse(JSON.stringify(steps)) as UncheckedStep[];
        const regions = regionsOf(unchecked);
        expect(checkGraph(unchecked, regions)).toEqual([]);
        expect(checkReads(unchecked, new Set(), regions)).toEqual([]);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it('always ends, whatever fails, is cancelled, retried, comes twice, late or early', () => {
    const kinds = new Map<string, number>();
    const numbers = fc.array(fc.nat(999), { minLength: 20, maxLength: 80 });
    fc.assert(
      fc.property(programs(), numbers, (program, chosen) => {
        const execution = new CheckedExecution(definitionOf(program));
        play(execution, dice(chosen));
        kinds.set(execution.state.status, (kinds.get(execution.state.status) ?? 0) + 1);
        for (const outcome of execution.outcomes.filter(({ kind }) => kind !== 'retry-requested')) {
          expect(execution.deliver(outcome).ignored).toBe(true);
        }
      }),
      { numRuns: propertyRuns(300) },
    );
    // Too few runs meet too few ends.
    const met = propertyRuns(300) < 300 ? [] : ['cancelled', 'compensated', 'completed', 'failed'];
    expect([...kinds.keys()]).toEqual(expect.arrayContaining(met));
  });
});
