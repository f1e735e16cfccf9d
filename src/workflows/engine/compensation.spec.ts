import { describe, expect, it } from '@jest/globals';
import { act, begin, forEach, parallel, step } from '../../../test/support/workflow-steps.js';
import type { Step } from './steps.js';

const undo = (id: string, rest: Partial<Pick<Step, 'onError'>> = {}) =>
  act(`undo-${id}`, undefined, { parameters: { of: `{{steps.${id}.id}}` }, ...rest });
const done = (id: string, next?: string) => act(id, next, { compensation: `undo-${id}` });
const keyOf = ({ stepId, scope, visit }: { stepId: string; scope: string; visit: number }) => ({
  stepId,
  scope,
  visit,
});

const booking = (rest: Partial<Pick<Step, 'onError'>> = {}) =>
  begin(
    done('a', 'b'),
    done('b', 'c'),
    act('c', undefined, { onError: { then: 'compensate' } }),
    undo('a', rest),
    undo('b', rest),
  );

describe('a compensation', () => {
  it('undoes what was done in reverse order, each with what it gave', () => {
    const execution = booking();
    execution.complete('a', { id: 'A' });
    execution.complete('b', { id: 'B' });
    const failed = execution.fail('c');
    expect(failed.state.status).toBe('compensating');
    expect(failed.starts).toMatchObject([{ stepId: 'undo-b', input: { of: 'B' }, type: 'action' }]);
    expect(execution.complete('undo-b').starts).toMatchObject([{ stepId: 'undo-a', input: { of: 'A' } }]);
    const { ended } = execution.complete('undo-a');
    expect(ended).toEqual({ status: 'compensated', errorMessage: 'Step "c" failed with refused: No.' });
  });

  it('that fails fails the execution, and a retry goes on with it', () => {
    const execution = booking();
    execution.complete('a', { id: 'A' });
    execution.complete('b', { id: 'B' });
    execution.fail('c');
    const { ended } = execution.fail('undo-b');
    expect(ended).toEqual({
      status: 'failed',
      errorMessage: '"b" could not be undone. Step "undo-b" failed with refused: No.',
    });
    const retried = execution.deliver({ kind: 'retry-requested' });
    expect(retried.state.status).toBe('compensating');
    expect(retried.starts).toMatchObject([{ stepId: 'undo-b', visit: 2, input: { of: 'B' } }]);
    execution.complete('undo-b');
    execution.complete('undo-a');
    expect(execution.state.status).toBe('compensated');
  });

  it('that fails and continues lets the others be done', () => {
    const execution = booking({ onError: { then: 'continue' } });
    execution.complete('a');
    execution.complete('b');
    execution.fail('c');
    expect(execution.fail('undo-b').starts).toMatchObject([{ stepId: 'undo-a' }]);
    expect(execution.complete('undo-a').ended?.status).toBe('compensated');
  });

  it('waits for what runs, and undoes that too; what waits is cancelled', () => {
    const execution = begin(
      parallel('p', ['x', 'f', 'w']),
      act('x', undefined, { onError: { then: 'compensate' } }),
      forEach('f', [1], 'b'),
      done('b'),
      step('delay', 'w', { duration: 1 }),
      undo('b'),
    );
    const { finished } = execution.fail('x');
    expect(finished.map(({ stepId, status }) => [stepId, status])).toEqual([
      ['x', 'failed'],
      ['p', 'cancelled'],
      ['f', 'cancelled'],
      ['w', 'cancelled'],
    ]);
    expect(execution.complete('b', { id: 'B' }).starts).toMatchObject([{ stepId: 'undo-b', input: { of: 'B' } }]);
    expect(execution.complete('undo-b').state).toMatchObject({ status: 'compensated', scopes: {}, compensations: [] });
  });

  it('has nothing to do for what nobody took', () => {
    const execution = begin(
      parallel('p', ['x', 'b']),
      act('x', undefined, { onError: { then: 'compensate' } }),
      done('b'),
      undo('b'),
    );
    execution.fail('x');
    const b = keyOf(execution.openRun('b'));
    expect(execution.deliver({ kind: 'step-skipped', ...b }).ended?.status).toBe('compensated');
  });
});

describe('a cancellation', () => {
  it('with compensation undoes what was done once what runs has ended', () => {
    const execution = booking();
    execution.complete('a', { id: 'A' });
    const cancelled = execution.deliver({ kind: 'cancel-requested', compensate: true });
    expect(cancelled.state.status).toBe('cancelling');
    expect(execution.deliver({ kind: 'cancel-requested', compensate: false }).ignored).toBe(true);
    expect(execution.complete('b', { id: 'B' }).starts).toMatchObject([{ stepId: 'undo-b' }]);
    expect(execution.complete('undo-b').starts).toMatchObject([{ stepId: 'undo-a' }]);
    expect(execution.complete('undo-a').ended).toEqual({ status: 'compensated' });
  });

  it('ends what no worker has taken at once', () => {
    const execution = booking();
    const untaken = [keyOf(execution.openRun('a'))];
    const { finished, ended } = execution.deliver({ kind: 'cancel-requested', compensate: false, untaken });
    expect(finished).toMatchObject([{ stepId: 'a', status: 'cancelled', output: null }]);
    expect(ended).toEqual({ status: 'cancelled' });
  });

  it('lets nothing be skipped that goes forward', () => {
    const execution = booking();
    expect(execution.deliver({ kind: 'step-skipped', ...keyOf(execution.openRun('a')) }).ignored).toBe(true);
  });
});

describe('active time that is up', () => {
  it('fails the execution whatever the step says, and a retry begins the step anew', () => {
    const execution = booking();
    execution.complete('a');
    execution.complete('b');
    const { finished, ended } = execution.deliver({ kind: 'timed-out', ...keyOf(execution.openRun('c')) });
    expect(finished).toMatchObject([{ stepId: 'c', status: 'failed', error: { code: 'timed-out' } }]);
    expect(ended).toMatchObject({ status: 'failed', errorMessage: expect.stringContaining('300000 ms') });
    expect(execution.deliver({ kind: 'retry-requested' }).starts).toMatchObject([{ stepId: 'c', visit: 2 }]);
  });

  it('while it is being undone fails it as well, even when the undoing step continues', () => {
    const execution = booking({ onError: { then: 'continue' } });
    execution.complete('a');
    execution.complete('b');
    execution.fail('c');
    const timedOut = { kind: 'timed-out', ...keyOf(execution.openRun('undo-b')) } as const;
    expect(execution.deliver(timedOut).ended).toMatchObject({ status: 'failed' });
    expect(execution.deliver({ kind: 'retry-requested' }).starts).toMatchObject([{ stepId: 'undo-b' }]);
  });
});
