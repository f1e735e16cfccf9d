import { describe, expect, it } from '@jest/globals';
import { act, begin, forEach, step } from '../../../test/support/workflow-steps.js';
import { advance } from './advance.js';
import { withDefaults } from './definition.js';
import type { Outcome, StepStart } from './outcome.js';
import { initialState } from './state.js';

const inputs = (starts: readonly StepStart[]) => starts.map(({ input }) => input);
const echo = (id: string, parameters: Record<string, string>, next?: string) => act(id, next, { parameters });

describe('a for_each', () => {
  it('runs so many items at the same time, and gives what the last step of each gave, in order', () => {
    const execution = begin(
      forEach('f', ['x', 'y', 'z'], 'a', { concurrency: 2, nextSteps: ['end'] }),
      echo('a', { item: '{{item}}', index: '{{index}}' }),
      echo('end', { results: '{{steps.f.results}}' }),
    );
    expect(execution.leaves.map(({ input }) => input)).toEqual([
      { item: 'x', index: 0 },
      { item: 'y', index: 1 },
    ]);
    const [, second] = execution.leaves;
    const outcome = { kind: 'step-completed', stepId: 'a', scope: second!.scope, visit: 2, output: 'Y' } as const;
    expect(inputs(execution.deliver(outcome).starts)).toEqual([{ item: 'z', index: 2 }]);
    execution.complete('a', 'X');
    expect(inputs(execution.complete('a', 'Z').starts)).toEqual([{ results: ['X', 'Y', 'Z'] }]);
    expect(execution.state.outputs).toEqual({ f: { results: ['X', 'Y', 'Z'], count: 3 } });
  });

  it('keeps the outputs of its items apart, those of nested ones too', () => {
    const execution = begin(
      act('before', 'f'),
      forEach('f', [1, 2], 'a'),
      echo('a', { item: '{{item}}', before: '{{steps.before}}' }, 'g'),
      forEach('g', '{{steps.a}}', 'b', { nextSteps: ['c'] }),
      echo('b', { item: '{{item}}', outer: '{{steps.a}}' }),
      echo('c', { inner: '{{steps.g.count}}', item: '{{item}}' }),
    );
    execution.complete('before', 'seen');
    expect(execution.openRun('a').input).toEqual({ item: 1, before: 'seen' });
    execution.complete('a', [10]);
    execution.complete('a', [20, 21]);
    expect(execution.leaves.map(({ input }) => input)).toEqual([
      { item: 10, outer: [10] },
      { item: 20, outer: [20, 21] },
      { item: 21, outer: [20, 21] },
    ]);
    for (let turn = 0; turn < 3; turn++) execution.complete('b');
    expect(execution.leaves.map(({ input }) => input)).toEqual([
      { inner: 1, item: 1 },
      { inner: 2, item: 2 },
    ]);
    execution.complete('c', 'one');
    execution.complete('c', 'two');
    expect(execution.state.outputs).toEqual({ before: 'seen', f: { results: ['one', 'two'], count: 2 } });
  });

  it('is over at once when there is nothing to do', () => {
    const execution = begin(forEach('f', [], 'a', { nextSteps: ['b'] }), act('a'), act('b'));
    expect(execution.ended).toEqual(['f']);
    expect(execution.state.outputs).toEqual({ f: { results: [], count: 0 } });
    expect(execution.openRun('b').scope).toBe('');
  });

  it('fails when it is given no list, or too long a one', () => {
    const of = (output: unknown) => {
      const execution = begin(act('list', 'f'), forEach('f', '{{steps.list}}', 'a'), act('a'));
      return execution.complete('list', output as never).ended?.errorMessage;
    };
    expect(of('many')).toMatch(/"f" failed with invalid-items: .* no list/);
    expect(of(Array.from({ length: 1001 }, () => 0))).toMatch(/invalid-items: .* 1000 items at most, not 1001/);
    expect(of(Array.from({ length: 1000 }, () => 0))).toBeUndefined();
  });

  it('fails with its first item that does, and cancels the others', () => {
    const onError = { then: 'continue' } as const;
    const execution = begin(
      forEach('f', [1, 2, 3], 'a', { onError, nextSteps: ['b'], concurrency: 2 }),
      act('a'),
      act('b'),
    );
    const { finished, starts } = execution.fail('a');
    expect(finished.map(({ stepId, status }) => [stepId, status])).toEqual([
      ['a', 'failed'],
      ['a', 'cancelled'],
      ['f', 'failed'],
    ]);
    expect(starts).toMatchObject([{ stepId: 'b' }]);
    expect(execution.state).toMatchObject({ scopes: {}, groups: {}, outputs: { f: { error: { code: 'refused' } } } });
  });

  it('does not let lists of lists without work hold a worker for ever', () => {
    const items = Array.from({ length: 1000 }, () => 0);
    const definition = withDefaults({
      name: 'w',
      trigger: { type: 'manual' },
      steps: [
        forEach('f', items, 'g'),
        forEach('g', items, 'c'),
        step('condition', 'c', { condition: true, otherwise: 'never' }),
      ],
    });
    const environment = { executionId: 'e', now: new Date(0), seed: 'x', evaluate: () => true };
    const { ended, passed } = advance(definition, initialState({}), { kind: 'started' }, environment);
    expect(ended).toMatchObject({ status: 'failed', errorMessage: expect.stringContaining('10000 steps') });
    expect(passed).toHaveLength(10_000);
  });

  it('of a thousand items goes on in less than a millisecond for each', () => {
    const items = Array.from({ length: 1000 }, (_, index) => ({ index }));
    const steps = [forEach('f', items, 'a', { concurrency: 100 }), act('a')];
    const definition = withDefaults({ name: 'w', trigger: { type: 'manual' }, steps });
    const environment = { executionId: 'e', now: new Date(0), seed: 'x', evaluate: () => true };
    let last = advance(definition, initialState({}), { kind: 'started' }, environment);
    const open = [...last.starts];
    let ended = 0;
    const before = process.cpuUsage();
    for (let start = open.shift(); start; start = open.shift()) {
      if (start.type !== 'action') continue;
      const outcome: Outcome = { kind: 'step-completed', ...start, output: { ended: ended++ } };
      last = advance(definition, last.state, outcome, environment);
      open.push(...last.starts);
    }
    const { user } = process.cpuUsage(before);
    expect(ended).toBe(1000);
    expect(last.ended?.status).toBe('completed');
    expect(user / 1000 / ended).toBeLessThan(1);
  });
});
