import { describe, expect, test } from '@jest/globals';
import { advance } from '../engine/advance.js';
import { withDefaults } from '../engine/definition.js';
import type { WorkflowDefinition } from '../engine/definition.js';
import type { Advance, Outcome } from '../engine/outcome.js';
import { initialState, type ExecutionState } from '../engine/state.js';
import { transitionEvents } from './execution-events.js';
import { StepActions } from './step-actions.js';
import { changeOf } from './transition-change.js';

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
