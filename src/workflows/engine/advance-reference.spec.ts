import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CheckedExecution } from '../../../test/support/checked-execution.js';
import { propertyRuns } from '../../../test/support/property-runs.js';
import { definitionOf, noted, programs } from '../../../test/support/workflow-arbitraries.js';
import { meaningOf, UNKNOWN } from '../../../test/support/workflow-reference.js';
import type { Fails } from '../../../test/support/workflow-reference.js';
import type { Outcome } from './outcome.js';
import type { OpenStepRun } from './state.js';
import { isFinal } from './status.js';

/** Which steps fail on which paths: about one of so many, by a hash of their names. */
const failing =
  (seed: number, oneOf: number): Fails =>
  (stepId, path) => {
    let hash = seed + 0x811c9dc5;
    for (const character of `${stepId}${path}`) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    return (hash >>> 7) % oneOf === 0;
  };

/** The scope without the numbers of visits, as the reference names it. */
const pathOf = (scope: string): string =>
  scope === ''
    ? ''
    : scope
        .split('/')
        .map((part) => `/${part.replace(/\.\d+\./, '.')}`)
        .join('');

const outcomeOf = (execution: CheckedExecution, run: OpenStepRun & { input?: unknown }, fails: Fails): Outcome => {
  const { stepId, scope, visit } = run;
  const key = { stepId, scope, visit };
  const { type } = execution.stepOf(stepId);
  if (type === 'delay') return { kind: 'step-due', ...key };
  if (type === 'wait_for_event' || type === 'human_task')
    return { kind: 'step-completed', ...key, output: { approved: true } };
  if (!stepId.endsWith('-count') && fails(stepId, pathOf(scope))) {
    return { kind: 'step-failed', ...key, attempt: run.attempt, error: { code: 'x', message: 'X.', retryable: false } };
  }
  return { kind: 'step-completed', ...key, output: noted((run.input ?? null) as never) };
};

/** Plays a program; which open visit ends next is what the numbers say. */
const play = (execution: CheckedExecution, fails: Fails, order: readonly number[]): void => {
  execution.deliver({ kind: 'started' });
  for (let turn = 0; !isFinal(execution.state.status); turn++) {
    const { leaves } = execution;
    const run = leaves[(order[turn % order.length] ?? 0) % leaves.length];
    if (!run) throw new Error('nothing is open and it has not ended');
    execution.deliver(outcomeOf(execution, run, fails));
  }
};

const order = fc.array(fc.nat(99), { minLength: 1, maxLength: 40 });
const handled = ['fail', 'continue', 'goto'] as const;

describe('advance, beside a plain interpreter of the same program', () => {
  it('ends as the program means, with the same outputs, whichever branch is quicker', () => {
    const ends = { completed: 0, failed: 0, uncertain: 0 };
    fc.assert(
      fc.property(
        programs({ then: handled }),
        fc.nat(),
        fc.integer({ min: 2, max: 30 }),
        order,
        (program, seed, oneOf, chosen) => {
          const fails = failing(seed, oneOf);
          const execution = new CheckedExecution(definitionOf(program));
          play(execution, fails, chosen);
          const { succeeds, outputs } = meaningOf(program, fails);
          expect(execution.state.status).toBe(succeeds ? 'completed' : 'failed');
          ends[succeeds ? 'completed' : 'failed']++;
          if (!succeeds) return;
          const known = [...outputs].filter(([, output]) => output !== UNKNOWN);
          if (known.length < outputs.size) ends.uncertain++;
          expect(execution.state.outputs).toMatchObject(Object.fromEntries(known));
          for (const [id] of known) expect(execution.state.outputs).toHaveProperty([id]);
          for (const id of Object.keys(execution.state.outputs)) expect([...outputs.keys()]).toContain(id);
        },
      ),
      { numRuns: propertyRuns(300) },
    );
    for (const count of Object.values(ends)) expect(count).toBeGreaterThanOrEqual(Math.floor(propertyRuns(300) / 30));
  });

  it('knows no difference between orders when every branch must succeed', () => {
    const every = programs({ then: handled, joins: ['all'] });
    fc.assert(
      fc.property(every, order, order, (program, one, other) => {
        const never: Fails = () => false;
        const [first, second] = [one, other].map((chosen) => {
          const execution = new CheckedExecution(definitionOf(program));
          play(execution, never, chosen);
          return execution.state;
        });
        expect(second?.outputs).toEqual(first?.outputs);
        expect(second?.visits).toEqual(first?.visits);
      }),
      { numRuns: propertyRuns(150) },
    );
  });

  it('goes on after a failure as if it had never failed, when the failed steps succeed at last', () => {
    const unhandled = programs({ then: ['fail'], joins: ['all'] });
    let retried = 0;
    fc.assert(
      fc.property(unhandled, fc.nat(), order, (program, seed, chosen) => {
        const execution = new CheckedExecution(definitionOf(program));
        play(execution, failing(seed, 4), chosen);
        for (; execution.state.status === 'failed'; retried++) {
          execution.deliver({ kind: 'retry-requested' });
          while (!isFinal(execution.state.status)) {
            const run = execution.leaves[(chosen[0] ?? 0) % execution.leaves.length]!;
            execution.deliver(outcomeOf(execution, run, () => false));
          }
        }
        const { outputs } = meaningOf(program, () => false);
        expect(execution.state.status).toBe('completed');
        expect(execution.state.outputs).toEqual(Object.fromEntries(outputs));
      }),
      { numRuns: propertyRuns(200) },
    );
    expect(retried).toBeGreaterThanOrEqual(Math.floor(propertyRuns(200) / 20));
  });
});
