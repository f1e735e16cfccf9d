import { describe, expect, it } from '@jest/globals';
import { invalid } from '../../kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { advance } from './advance.js';
import { withDefaults } from './definition.js';
import type { Step, WorkflowDefinition, WorkflowDraft } from './definition.js';
import { initialState } from './state.js';
import type { Advance, Outcome, StepStart } from './outcome.js';
import type { ExecutionState, StepError } from './state.js';
import type { Environment } from './transition.js';

const DAY_MS = 86_400_000;

const environment: Environment = {
  executionId: 'execution-1',
  now: new Date('2026-11-22T09:00:00Z'),
  seed: 'seed',
  evaluate: (form, scope) => {
    const path = 'condition' in form && typeof form.condition === 'string' ? form.condition : '';
    if (path === 'broken') throw invalid('missing-path', 'The path broken is missing.');
    return path.split('.').reduce<JsonValue>((value, key) => (value as JsonObject)[key] ?? null, scope) === true;
  },
};

const act = (id: string, next?: string, rest: Partial<Step> = {}): Step =>
  ({
    id,
    name: id,
    type: 'action',
    configuration: { action: 'note', parameters: { text: `{{steps.a.text}} ${id}` } },
    nextSteps: next === undefined ? [] : [next],
    ...rest,
  }) as Step;

const define = (...steps: Step[]): WorkflowDefinition =>
  withDefaults({ name: 'w', trigger: { type: 'manual' }, steps });

const completed = ({ stepId, scope, visit }: StepStart, output: JsonValue = null): Outcome => ({
  kind: 'step-completed',
  stepId,
  scope,
  visit,
  output,
});

const failed = ({ stepId, scope, visit, attempt }: StepStart, error: Partial<StepError> = {}): Outcome => ({
  kind: 'step-failed',
  ...{ stepId, scope, visit, attempt },
  error: { code: 'refused', message: 'The server refused.', retryable: false, ...error },
});

const begin = (definition: WorkflowDefinition, variables: JsonObject = {}): Advance =>
  advance(definition, initialState(variables), { kind: 'started' }, environment);

const only = ({ starts }: Advance): StepStart => {
  const [start, ...others] = starts;
  if (!start || others.length > 0) throw new Error(`one start expected, not ${starts.length}`);
  return start;
};

/** Plays worker: completes whatever starts, until the execution has ended; logs the order in which visits end. */
const run = (definition: WorkflowDefinition, variables: JsonObject) => {
  const log: string[] = [];
  let waitedMs = 0;
  let last = begin(definition, variables);
  for (let turn = 0; !last.ended && turn < 100; turn++) {
    const start = only(last);
    waitedMs += start.delayMs ?? 0;
    const nameOf = (id: string) => definition.steps.find((step) => step.id === id)?.name ?? '';
    last = advance(definition, last.state, completed(start, { input: start.input ?? null }), environment);
    log.push(nameOf(start.stepId), ...last.passed.map((step) => nameOf(step.stepId)));
  }
  return { log, waitedMs, last };
};

describe('a nurture sequence', () => {
  const write = (id: string, name: string, template: string, nextSteps: string[]) => ({
    id,
    name,
    type: 'action' as const,
    configuration: { action: 'send_email', parameters: { template, recipient: '{{lead.contact.email}}' } },
    nextSteps,
  });
  const draft: WorkflowDraft = {
    name: 'Welcome a new lead',
    trigger: { type: 'manual' },
    variables: [{ name: 'lead', type: 'object', required: true }],
    steps: [
      write('welcome', 'Say hello', 'hello', ['pause']),
      { id: 'pause', name: 'Let them read', type: 'delay', configuration: { duration: 2 }, nextSteps: ['reminder'] },
      write('reminder', 'Ask again', 'reminder', ['patience']),
      {
        id: 'patience',
        name: 'Be patient',
        type: 'delay',
        configuration: { duration: 'P3D' },
        nextSteps: ['answered'],
      },
      {
        id: 'answered',
        name: 'Have they answered?',
        type: 'condition',
        configuration: { condition: 'variables.lead.answered', when: 'call', otherwise: 'farewell' },
      },
      {
        id: 'call',
        name: 'Call them',
        type: 'action',
        configuration: { action: 'create_task', parameters: { title: 'Call {{lead.contact.name}}' } },
      },
      write('farewell', 'Say goodbye', 'farewell', []),
    ],
  };
  const sequence = withDefaults(draft);
  const lead = (answered: boolean) => ({ lead: { answered, contact: { name: 'Ada', email: 'ada@example.org' } } });
  const before = ['Say hello', 'Let them read', 'Ask again', 'Be patient', 'Have they answered?'];

  it('ends with a call for whoever answered', () => {
    const { log, waitedMs, last } = run(sequence, lead(true));
    expect(last.ended).toEqual({ status: 'completed' });
    expect(log).toEqual([...before, 'Call them']);
    expect(waitedMs).toBe(5 * DAY_MS);
    expect(last.state.outputs).toEqual({
      welcome: { input: { template: 'hello', recipient: 'ada@example.org' } },
      pause: { input: null },
      reminder: { input: { template: 'reminder', recipient: 'ada@example.org' } },
      patience: { input: null },
      answered: { result: true },
      call: { input: { title: 'Call Ada' } },
    });
  });

  it('ends with a last mail for everyone else', () => {
    const { log, last } = run(sequence, lead(false));
    expect(last.ended?.status).toBe('completed');
    expect(log).toEqual([...before, 'Say goodbye']);
  });

  it('waits while only a delay is open', () => {
    const first = begin(sequence, lead(true));
    expect(first.state.status).toBe('running');
    const second = advance(sequence, first.state, completed(only(first)), environment);
    expect(second.state.status).toBe('waiting');
    expect(only(second)).toEqual({
      ...{ stepId: 'pause', scope: '', visit: 1, attempt: 1 },
      ...{ type: 'delay', delayMs: 2 * DAY_MS },
    });
    expect(advance(sequence, second.state, completed(only(second)), environment).state.status).toBe('running');
  });
});

describe('a failed step', () => {
  const retrying = (then: 'fail' | 'continue' | 'goto', attempts = 2) =>
    define(
      act('a', 'b', {
        onError: {
          retry: { attempts, backoff: 'exponential', delayMs: 1000, nonRetryableCodes: ['gone'] },
          then,
          ...(then === 'goto' && { goto: 'c' }),
        },
      }),
      act('b', 'c'),
      act('c'),
    );
  const again = { code: 'busy', message: 'Later.', retryable: true };

  it('is tried again after a growing while, then fails the execution with its reason', () => {
    const definition = retrying('fail');
    let last = begin(definition);
    const first = only(last);
    const delays = [1, 2].map((attempt) => {
      last = advance(definition, last.state, failed({ ...first, attempt }, again), environment);
      expect(last.state.open).toEqual([{ stepId: 'a', scope: '', visit: 1, attempt: attempt + 1 }]);
      expect(last).toMatchObject({ starts: [], finished: [], retried: [{ stepId: 'a', attempt: attempt + 1 }] });
      return last.retried[0]?.delayMs;
    });
    expect(delays[0]).toBeGreaterThanOrEqual(1000);
    expect(delays[1]).toBeGreaterThanOrEqual(2000);
    last = advance(definition, last.state, failed({ ...first, attempt: 3 }, again), environment);
    expect(last.ended).toEqual({ status: 'failed', errorMessage: 'Step "a" failed with busy: Later.' });
    expect(last.state).toMatchObject({ status: 'failed', open: [] });
  });

  it('is tried again when whoever refused it wants to be asked again, if that is later than the policy says', () => {
    const definition = retrying('fail');
    const first = begin(definition);
    const delayAfter = (retryAfterMs: number): number | undefined =>
      advance(definition, first.state, failed(only(first), { ...again, retryAfterMs }), environment).retried[0]
        ?.delayMs;
    expect(delayAfter(90_000)).toBe(90_000);
    expect(delayAfter(1)).toBeGreaterThanOrEqual(1000);
  });

  it.each<[string, Partial<StepError>]>([
    ['cannot be cured', { ...again, retryable: false }],
    ['has a code that the policy excludes', { ...again, code: 'gone' }],
  ])('is not tried again when the error %s', (_why, error) => {
    const definition = retrying('fail');
    const first = begin(definition);
    expect(advance(definition, first.state, failed(only(first), error), environment).ended?.status).toBe('failed');
  });

  it('goes on, or goes elsewhere, and tells later steps why', () => {
    for (const [then, next] of [
      ['continue', 'b'],
      ['goto', 'c'],
    ] as const) {
      const definition = retrying(then);
      const first = begin(definition);
      const second = advance(definition, first.state, failed(only(first)), environment);
      expect(only(second).stepId).toBe(next);
      expect(second.state.outputs).toEqual({ a: { error: { code: 'refused', message: 'The server refused.' } } });
    }
  });

  it("is tried as often as the workflow's settings say when it says nothing itself", () => {
    const definition = define(act('a'));
    let last = begin(definition);
    const first = only(last);
    let attempt = 0;
    while (!last.ended) {
      last = advance(definition, last.state, failed({ ...first, attempt: ++attempt }, again), environment);
    }
    expect(attempt).toBe(1 + definition.settings.retryAttempts);
  });

  it('ignores the failure of an attempt that is not the present one', () => {
    const definition = retrying('fail');
    const first = begin(definition);
    const second = advance(definition, first.state, failed(only(first), again), environment);
    const late = advance(definition, second.state, failed(only(first), again), environment);
    expect(late).toMatchObject({ state: second.state, starts: [], retried: [], finished: [], ignored: true });
  });
});

describe('a condition', () => {
  const when = (condition: string, rest: Partial<Step> = {}) =>
    define(
      act('c', undefined, {
        type: 'condition',
        configuration: { condition, when: 'yes' },
        nextSteps: ['no'],
        ...rest,
      } as Partial<Step>),
      act('yes'),
      act('no'),
    );

  it('takes nextSteps for the branch that is left out', () => {
    expect(only(begin(when('go'), { go: true })).stepId).toBe('yes');
    expect(only(begin(when('go'), { go: false })).stepId).toBe('no');
    expect(begin(when('go', { nextSteps: [] }), { go: false }).ended).toEqual({ status: 'completed' });
  });

  it('that breaks fails, or does not hold', () => {
    const error = { code: 'missing-path', message: 'The path broken is missing.' };
    const broken = begin(when('broken'));
    expect(broken.ended).toEqual({
      status: 'failed',
      errorMessage: `Step "c" failed with missing-path: ${error.message}`,
    });
    expect(broken.passed).toEqual([
      { stepId: 'c', scope: '', visit: 1, output: { error }, error: { ...error, retryable: false } },
    ]);
    expect(only(begin(when('broken', { onError: { then: 'continue' } }))).stepId).toBe('no');
    expect(only(begin(when('broken', { onError: { then: 'goto', goto: 'yes' } }))).stepId).toBe('yes');
  });
});

describe('a delay whose placeholder gives no time', () => {
  it('fails at once', () => {
    const delay = act('d', undefined, { type: 'delay', configuration: { duration: '{{days}}' } });
    expect(begin(define(delay), { days: 'soon' }).ended?.errorMessage).toMatch(/"d" failed with invalid-duration/);
    expect(only(begin(define(delay), { days: 1 })).delayMs).toBe(DAY_MS);
  });
});

describe('a cancelled execution', () => {
  const definition = define(act('a', 'd'), act('d', undefined, { type: 'delay', configuration: { duration: 1 } }));
  const cancel = (state: ExecutionState) =>
    advance(definition, state, { kind: 'cancel-requested', compensate: false }, environment);

  it('lets the running action end and begins nothing more', () => {
    const first = begin(definition);
    const second = cancel(first.state);
    expect(second.state.status).toBe('cancelling');
    expect(cancel(second.state).ignored).toBe(true);
    for (const outcome of [completed(only(first)), failed(only(first), { retryable: true })]) {
      const third = advance(definition, second.state, outcome, environment);
      expect(third).toMatchObject({ starts: [], ended: { status: 'cancelled' }, state: { open: [] } });
    }
  });

  it('ends at once when it waits, or has not begun', () => {
    const first = begin(definition);
    const second = advance(definition, first.state, completed(only(first)), environment);
    const third = cancel(second.state);
    expect(third.ended).toEqual({ status: 'cancelled' });
    expect(third.finished).toMatchObject(second.state.open.map((run) => ({ ...run, status: 'cancelled' })));
    expect(advance(definition, third.state, completed(only(second)), environment).ignored).toBe(true);
    expect(cancel(initialState({})).ended).toEqual({ status: 'cancelled' });
  });
});

describe('a second start', () => {
  it('changes nothing', () => {
    const definition = define(act('a'));
    const first = begin(definition);
    expect(advance(definition, first.state, { kind: 'started' }, environment).state).toBe(first.state);
  });
});

describe('a step named like something every object has', () => {
  it('is a step like any other', () => {
    const first = begin(define(act('constructor')));
    expect(only(first)).toMatchObject({ stepId: 'constructor', visit: 1 });
  });
});
