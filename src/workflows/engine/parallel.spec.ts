import { describe, expect, it } from '@jest/globals';
import { act, begin, forEach, parallel, step } from '../../../test/support/workflow-steps.js';
import { advance } from './advance.js';
import { withDefaults } from './definition.js';
import { initialState } from './state.js';

const open = (execution: ReturnType<typeof begin>): string[] => execution.leaves.map(({ stepId }) => stepId);
const branches = (...ends: [status: string, lastStep: string | null][]) => ({
  branches: ends.map(([status, lastStep]) => ({ status, lastStep })),
});

describe('a parallel', () => {
  it('begins every branch at once, each in its own scope, and is open as long as they are', () => {
    const execution = begin(parallel('p', ['a', 'b']), act('a'), act('b'));
    expect(execution.state.open).toEqual([
      { stepId: 'p', scope: '', visit: 1, attempt: 1 },
      { stepId: 'a', scope: 'p.1.0', visit: 1, attempt: 1 },
      { stepId: 'b', scope: 'p.1.1', visit: 1, attempt: 1 },
    ]);
    expect(execution.state.status).toBe('running');
  });

  it('goes on when all branches have succeeded, and keeps what each gave', () => {
    const execution = begin(
      parallel('p', ['a', 'b'], 'all', { then: 'c' }),
      act('a', 'a2'),
      act('a2'),
      act('b'),
      act('c'),
    );
    execution.complete('b', 'from b');
    execution.complete('a', 'from a');
    expect(open(execution)).toEqual(['a2']);
    const { finished, starts } = execution.complete('a2', 'from a2');
    expect(finished.map(({ stepId, status }) => [stepId, status])).toEqual([
      ['a2', 'completed'],
      ['p', 'completed'],
    ]);
    expect(starts).toMatchObject([{ stepId: 'c', scope: '' }]);
    const p = branches(['completed', 'a2'], ['completed', 'b']);
    expect(execution.state.outputs).toEqual({ a: 'from a', a2: 'from a2', b: 'from b', p });
    expect(execution.state).toMatchObject({ scopes: {}, groups: {} });
  });

  it('with join any cancels the branches that are slower, however deep they are', () => {
    const execution = begin(
      parallel('p', ['a', 'q'], 'any', { then: 'c' }),
      act('a'),
      parallel('q', ['b', 'd']),
      act('b'),
      act('d'),
      act('c'),
    );
    const { finished } = execution.complete('a');
    expect(finished.map(({ stepId, status }) => [stepId, status])).toEqual([
      ['a', 'completed'],
      ['q', 'cancelled'],
      ['b', 'cancelled'],
      ['d', 'cancelled'],
      ['p', 'completed'],
    ]);
    expect(execution.state.outputs.p).toEqual(branches(['completed', 'a'], ['cancelled', 'q']));
    expect(open(execution)).toEqual(['c']);
  });

  it('with join 2 can do without one of three', () => {
    const execution = begin(parallel('p', ['a', 'b', 'c'], 2), act('a'), act('b'), act('c'));
    execution.fail('b');
    expect(open(execution)).toEqual(['a', 'c']);
    execution.complete('c');
    execution.complete('a');
    expect(execution.state.status).toBe('completed');
    expect(execution.state.outputs.p).toEqual(branches(['completed', 'a'], ['failed', 'b'], ['completed', 'c']));
  });

  it('fails as soon as its join can no longer be met, and its own error handling decides', () => {
    const steps = [act('a'), act('b'), act('c')];
    const rest = { then: 'd', onError: { then: 'goto', goto: 'e' } } as const;
    const execution = begin(parallel('p', ['a', 'b', 'c'], 2, rest), ...steps, act('d'), act('e'));
    execution.fail('a');
    const { finished } = execution.fail('b');
    expect(finished).toMatchObject([
      { stepId: 'b', status: 'failed' },
      { stepId: 'c', status: 'cancelled' },
      { stepId: 'p', status: 'failed', error: { code: 'refused' } },
    ]);
    expect(open(execution)).toEqual(['e']);
    expect(execution.state.outputs.p).toEqual({ error: { code: 'refused', message: 'No.' } });
  });

  it('that begins and ends within one transition has passed', () => {
    const yes = (id: string) => step('condition', id, { condition: true, when: `${id}-end` });
    const no = (id: string) => step('condition', `${id}-end`, { condition: false, when: 'never' });
    const execution = begin(
      parallel('p', ['a', 'b'], 'any', { then: 'c' }),
      yes('a'),
      yes('b'),
      no('a'),
      no('b'),
      act('c'),
    );
    expect(execution.ended).toEqual(['a', 'b', 'a-end', 'p']);
    expect(open(execution)).toEqual(['c']);
  });

  it('waits when every branch waits', () => {
    const wait = step('wait_for_event', 'w', { eventType: 'a.b' });
    const execution = begin(parallel('p', ['w', 'd']), wait, step('delay', 'd', { duration: 1 }));
    expect(execution.state.status).toBe('waiting');
  });
});

describe('a failure that nothing handles', () => {
  it('fails the execution, leaves its branches in place, and a retry goes on with them', () => {
    const execution = begin(
      parallel('p', ['a', 'f'], 'all', { then: 'c' }),
      act('a', 'a2'),
      act('a2'),
      forEach('f', [1, 2], 'b'),
      act('b', undefined, { parameters: { item: '{{item}}' } }),
      act('c'),
    );
    execution.complete('a', 'once');
    execution.complete('b', 'first');
    const failed = execution.fail('b');
    expect(failed.ended).toEqual({ status: 'failed', errorMessage: 'Step "b" failed with refused: No.' });
    expect(failed.finished.map(({ stepId, status }) => [stepId, status])).toEqual([
      ['b', 'failed'],
      ['p', 'cancelled'],
      ['f', 'cancelled'],
      ['a2', 'cancelled'],
    ]);
    const { starts } = execution.deliver({ kind: 'retry-requested' });
    expect(starts).toMatchObject([
      { stepId: 'p', scope: '', visit: 2, delayMs: null },
      { stepId: 'f', scope: 'p.2.1', visit: 2, delayMs: null },
      { stepId: 'a2', scope: 'p.2.0', visit: 2 },
      { stepId: 'b', scope: 'p.2.1/f.2.1', visit: 3, input: { item: 2 } },
    ]);
    execution.complete('b', 'second');
    execution.complete('a2');
    execution.complete('c');
    expect(execution.state.status).toBe('completed');
    expect(execution.state.outputs).toMatchObject({ a: 'once', f: { results: ['first', 'second'], count: 2 } });
    expect(execution.deliver({ kind: 'retry-requested' }).ignored).toBe(true);
  });

  it('keeps for the retry what it did not even begin', () => {
    const noList = forEach('f', '{{execution.id}}', 'a');
    const steps = [parallel('p', ['f', 'b']), noList, act('a'), act('b')];
    const definition = withDefaults({ name: 'w', trigger: { type: 'manual' }, steps });
    const environment = { executionId: 'e', now: new Date(0), seed: 'x', evaluate: () => true };
    const { state, starts, finished } = advance(definition, initialState({}), { kind: 'started' }, environment);
    expect({ starts, finished }).toEqual({ starts: [], finished: [] });
    expect(state.interrupted).toEqual([
      { kind: 'reopen', stepId: 'p', scope: '', visit: 1 },
      { kind: 'enter', stepId: 'f', scope: 'p.1.0' },
      { kind: 'enter', stepId: 'b', scope: 'p.1.1' },
    ]);
  });
});
