import { describe, expect, test } from '@jest/globals';
import { advance } from '../engine/advance.js';
import { withDefaults } from '../engine/definition.js';
import type { WorkflowDefinition } from '../engine/definition.js';
import type { Advance, Outcome, StepStart } from '../engine/outcome.js';
import { initialState, type ExecutionState } from '../engine/state.js';
import { transitionEvents } from './execution-events.js';
import { StepActions } from './step-actions.js';
import { changeOf, type TransitionChange } from './transition-change.js';

const actions = new StepActions();
for (const [name, queue] of [
  ['send_email', 'emails'],
  ['note', 'workflow-steps'],
] as const) {
  actions.register({ name, queue, parametersSchema: { type: 'object' }, run: async () => null });
}

const action = (id: string, name: string, ...nextSteps: string[]) => ({
  id,
  name: `Step ${id}`,
  type: 'action' as const,
  configuration: { action: name, parameters: {} },
  nextSteps,
});

const definition: WorkflowDefinition = withDefaults({
  name: 'Example',
  trigger: { type: 'manual' },
  steps: [
    action('note', 'note', 'check'),
    { id: 'check', name: 'Check', type: 'condition', configuration: { condition: true, when: 'mail' }, nextSteps: [] },
    action('mail', 'send_email', 'wait'),
    { id: 'wait', name: 'Wait', type: 'delay', configuration: { duration: 'PT1H' }, nextSteps: ['last'] },
    action('last', 'note'),
  ],
});

const environment = { executionId: 'e', now: new Date(0), seed: 'e', evaluate: () => true };
const step = (state: ExecutionState, outcome: Outcome): Advance => advance(definition, state, outcome, environment);
const started = step(initialState({}), { kind: 'started' });
const noted = { stepId: 'note', scope: '', visit: 1, attempt: 1, output: 'done' };
const afterNote = step(started.state, { kind: 'step-completed', ...noted });
const mailed = { stepId: 'mail', scope: '', visit: 1, attempt: 1, output: null };
const afterMail = step(afterNote.state, { kind: 'step-completed', ...mailed });
const change = (advanced: Advance, takes?: 'emails' | 'workflow-steps') =>
  changeOf({ advance: advanced, definition, actions }, takes);

describe('the rows of a transition', () => {
  test('a start lets the first run wait in the queue of its action', () => {
    expect(change(started)).toMatchObject({
      status: 'running',
      currentStep: 'note',
      isFinal: false,
      begun: [{ stepId: 'note', status: 'waiting', queue: 'workflow-steps', isStarted: false, delayMs: 0 }],
      ended: [],
    });
  });

  test('what passed is inserted as finished, and what follows waits where another queue does it', () => {
    expect(change(afterNote, 'workflow-steps')).toMatchObject({
      currentStep: 'mail',
      begun: [
        { stepId: 'check', status: 'completed', output: { result: true } },
        { stepId: 'mail', status: 'waiting', queue: 'emails' },
      ],
      ended: [{ stepId: 'note', status: 'completed', output: 'done', error: null }],
    });
  });

  test('what follows at once in the same queue is taken with it', () => {
    const waited = { stepId: 'wait', scope: '', visit: 1, attempt: 1, output: null };
    const afterWait = step(afterMail.state, { kind: 'step-completed', ...waited });
    expect(change(afterWait, 'workflow-steps').begun).toMatchObject([{ stepId: 'last', status: 'running' }]);
    expect(change(afterWait, undefined).begun).toMatchObject([{ stepId: 'last', status: 'waiting' }]);
  });

  test('a delay begins now and is due later', () => {
    expect(change(afterMail, 'emails')).toMatchObject({
      status: 'waiting',
      begun: [{ stepId: 'wait', status: 'waiting', delayMs: 3_600_000, isStarted: true }],
    });
  });

  test('a retry keeps its row and its visit', () => {
    const error = { code: 'busy', message: 'later', retryable: true };
    const advanced = step(started.state, { kind: 'step-failed', ...noted, error });
    const rows = change(advanced, 'workflow-steps');
    expect(rows).toMatchObject({ begun: [], ended: [], retried: [{ stepId: 'note', visit: 1, attempt: 2 }] });
    expect(rows.retried[0]!.error).toEqual({ code: 'busy', message: 'later' });
    const executed = { workflowId: 'w', definitionVersion: 3, definition };
    expect(transitionEvents(executed, { advance: advanced, change: change(advanced) })).toMatchObject([
      { type: 'workflows.step-failed', payload: { stepId: 'note', attempt: 1, isRetried: true } },
    ]);
  });

  test('an end is told with its reason', () => {
    const error = { code: 'wrong', message: 'never', retryable: false };
    const advanced = step(started.state, { kind: 'step-failed', ...noted, error });
    const executed = { workflowId: 'w', definitionVersion: 3, definition };
    expect(transitionEvents(executed, { advance: advanced, change: change(advanced) })).toMatchObject([
      { type: 'workflows.step-failed', payload: { isRetried: false } },
      {
        type: 'workflows.execution-failed',
        payload: { workflowId: 'w', version: 3, error: expect.stringContaining('wrong') },
      },
    ]);
    expect(change(advanced)).toMatchObject({ isFinal: true, status: 'failed' });
  });
});

describe('the rows of what waits', () => {
  const rowsOf = (starts: Partial<StepStart>[], more: Partial<Advance> = {}): TransitionChange => {
    const begins = starts.map((start, n) => ({ ...noted, visit: n + 1, type: 'action', delayMs: 0, ...start }));
    const none = { retried: [], passed: [], finished: [], rearmed: [] };
    return change({ state: started.state, starts: begins as StepStart[], ...none, ...more }, 'workflow-steps');
  };

  test('at most one of several beginnings is taken by the worker that goes on', () => {
    expect(rowsOf([{}, {}, {}]).begun.map(({ status }) => status)).toEqual(['running', 'waiting', 'waiting']);
  });

  test('what nothing but the outside ends is due at no time, and is not taken', () => {
    const { begun } = rowsOf([
      { type: 'parallel', delayMs: null },
      { type: 'human_task', delayMs: 0 },
    ]);
    expect(begun).toMatchObject([
      { status: 'waiting', delayMs: null, isStarted: true },
      { status: 'waiting', delayMs: 0, isStarted: true },
    ]);
  });

  test('a wait says for what, a long value by its hash', () => {
    const eventType = 'crm.lead-created';
    const { begun } = rowsOf([
      { type: 'wait_for_event', wait: { eventType } },
      { type: 'wait_for_event', wait: { eventType, matchField: 'subject.id', matchValue: '"a"' } },
      { type: 'wait_for_event', wait: { eventType, matchField: 'payload.text', matchValue: `"${'x'.repeat(5_000)}"` } },
    ]);
    expect(begun).toMatchObject([
      { eventType, matchField: '', matchValue: '' },
      { eventType, matchField: 'subject.id', matchValue: '"a"' },
      { eventType, matchField: 'payload.text', matchValue: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    ]);
  });

  test('a task goes to its holder by the id of its run, unless it ended with the transition that began it', () => {
    const task = { type: 'human_task', delayMs: null, task: { title: 'Approve', role: 'owner' } } as const;
    const rows = rowsOf([task, task], {
      finished: [{ ...noted, visit: 2, status: 'cancelled', output: null }],
    });
    expect(rows.tasks).toEqual([
      { id: rows.begun[0]!.id, title: 'Approve', role: 'owner', assignee: null, description: null, form: null },
    ]);
    expect(rows.begun.map(({ status }) => status)).toEqual(['waiting', 'cancelled']);
    expect(rows.ended).toEqual([]);
  });
});
