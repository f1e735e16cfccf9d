import { describe, expect, it } from '@jest/globals';
import { act, begin, step } from '../../../test/support/workflow-steps.js';

const HOUR_MS = 3_600_000;

describe('a wait_for_event', () => {
  const wait = (configuration: object, rest = {}) =>
    begin(
      act('a', 'w'),
      step('wait_for_event', 'w', { eventType: 'crm.lead-changed', ...configuration }, { nextSteps: ['b'], ...rest }),
      act('b'),
      act('late'),
    );

  it('tells what it waits for, and goes on with the event', () => {
    const execution = wait({ match: { field: 'payload.order', equals: { b: '{{steps.a.id}}', a: 1 } } });
    const { starts, state } = execution.complete('a', { id: 7 });
    expect(starts).toMatchObject([
      {
        delayMs: null,
        wait: { eventType: 'crm.lead-changed', matchField: 'payload.order', matchValue: '{"a":1,"b":7}' },
      },
    ]);
    expect(state.status).toBe('waiting');
    expect(execution.due('w', 100 * HOUR_MS).ignored).toBe(true);
    execution.complete('w', { type: 'crm.lead-changed' });
    expect(execution.state.outputs.w).toEqual({ type: 'crm.lead-changed' });
    expect(execution.openRun('b').visit).toBe(1);
  });

  it('goes elsewhere after its timeout, or fails', () => {
    const handled = wait({ timeout: 'PT1H', onTimeout: 'late' });
    expect(handled.complete('a').starts).toMatchObject([{ delayMs: HOUR_MS }]);
    expect(handled.due('w', HOUR_MS - 1).ignored).toBe(true);
    expect(handled.due('w', 1).finished).toMatchObject([
      { stepId: 'w', status: 'completed', output: { timedOut: true } },
    ]);
    expect(handled.openRun('late')).toBeDefined();
    const failing = wait({ timeout: 'PT1H' });
    failing.complete('a');
    expect(failing.due('w', HOUR_MS).ended?.errorMessage).toMatch(/"w" failed with wait-timed-out/);
  });
});

describe('a human_task', () => {
  const task = (configuration: object) => {
    const execution = begin(
      act('a', 't'),
      step('human_task', 't', { title: 'Approve {{steps.a.name}}', ...configuration }, { nextSteps: ['b'] }),
      act('b'),
    );
    return { execution, began: execution.complete('a', { name: 'Ada', chief: 'u1' }) };
  };

  it('is given to whom its placeholders name, and goes on with the result', () => {
    const form = { type: 'object' };
    const { execution, began } = task({ assignee: '{{steps.a.chief}}', role: 'approver', form, description: 'Now.' });
    expect(began.starts).toMatchObject([
      { delayMs: null, task: { title: 'Approve Ada', assignee: 'u1', role: 'approver', form, description: 'Now.' } },
    ]);
    execution.complete('t', { approved: true });
    expect(execution.state.outputs.t).toEqual({ approved: true });
  });

  it('reminds, escalates and times out, each once and in the order of the times', () => {
    const times = { remindAfter: 'PT3H', escalateAfter: 'PT1H', escalateTo: { role: 'head' }, timeout: 'PT4H' };
    const { execution, began } = task({ role: 'approver', ...times });
    expect(began.starts).toMatchObject([{ delayMs: HOUR_MS }]);
    expect(execution.due('t', HOUR_MS).rearmed).toEqual([
      { stepId: 't', scope: '', visit: 1, notice: 'escalation', delayMs: 2 * HOUR_MS, task: { role: 'head' } },
    ]);
    expect(execution.due('t').ignored).toBe(true);
    // Whoever comes late is told of what is left at once.
    expect(execution.due('t', 5 * HOUR_MS).rearmed).toEqual([
      { stepId: 't', scope: '', visit: 1, notice: 'reminder', delayMs: 0 },
    ]);
    expect(execution.due('t').ended?.errorMessage).toMatch(/wait-timed-out/);
  });

  it('fails when a placeholder names nobody', () => {
    expect(task({ assignee: '{{steps.a.nobody}}' }).began.ended?.errorMessage).toMatch(
      /"t" failed with invalid-assignee/,
    );
  });
});

describe('a subworkflow', () => {
  it('is started by a worker with its variables, and waits for its end', () => {
    const configuration = { workflow: 'Other', variables: { lead: '{{steps.a}}' } };
    const execution = begin(act('a', 's'), step('subworkflow', 's', configuration));
    const { starts, state } = execution.complete('a', { id: 1 });
    expect(starts).toMatchObject([{ delayMs: 0, input: { workflow: 'Other', variables: { lead: { id: 1 } } } }]);
    expect(state.status).toBe('waiting');
    expect(execution.due('s').ignored).toBe(true);
    expect(execution.complete('s', { status: 'completed' }).ended?.status).toBe('completed');
  });
});
