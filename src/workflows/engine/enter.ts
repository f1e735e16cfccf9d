import { DomainError } from '../../kernel/domain-error.js';
import { stepOf } from './definition-index.js';
import { delayMsOf } from './delay.js';
import { failExecution } from './fail-execution.js';
import { settleFailure } from './failure.js';
import { beginForEach, endItem } from './for-each.js';
import { succeed } from './go-on.js';
import type { StepStart } from './outcome.js';
import { beginParallel, endBranch } from './parallel.js';
import { reopen } from './reopen.js';
import type { StepError, StepRunKey, Task } from './state.js';
import type { ConditionStep, Step } from './steps.js';
import { renderValue } from './template.js';
import { isForward, nextVisit, open, outputOf, valuesIn } from './transition.js';
import type { Transition } from './transition.js';
import { startOfTask, startOfWait } from './wait.js';

/** So many visits may begin and end within one transition, so that no list of lists without work stops a worker. */
const MAX_PASSED = 10_000;

/** Does what is on the agenda, and what comes onto it meanwhile, as long as it needs no worker. */
export const carryOn = (transition: Transition): void => {
  const { agenda, passed } = transition;
  while (agenda.length > 0 && isForward(transition)) {
    if (passed.length >= MAX_PASSED) {
      return failExecution(transition, `More than ${MAX_PASSED} steps in a row need no worker; split the lists.`);
    }
    const task = agenda.shift();
    if (task) perform(transition, task);
  }
};

const perform = (transition: Transition, task: Task): void => {
  switch (task.kind) {
    case 'enter':
      return enter(transition, task.stepId, task.scope);
    case 'region-end':
      return endRegion(transition, task);
    case 'reopen':
      return reopen(transition, task);
    case 'compensate':
      transition.status = 'compensating';
  }
};

/** Begins a step, unless its branch or item was cancelled meanwhile. */
const enter = (transition: Transition, stepId: string, scope: string): void => {
  if (scope !== '' && !transition.scopes[scope]) return;
  const run = { stepId, scope, visit: nextVisit(transition, stepId) };
  try {
    begin(transition, stepOf(transition.definition, stepId), run);
  } catch (thrown) {
    const error = errorOf(thrown);
    transition.passed.push({ ...run, output: outputOf(error), error });
    settleFailure(transition, run, error);
  }
};

const begin = (transition: Transition, step: Step, run: StepRunKey): void => {
  if (step.type === 'parallel') return beginParallel(transition, step, run);
  if (step.type === 'for_each') return beginForEach(transition, step, run);
  if (step.type === 'condition') return decide(transition, step, run);
  open(transition, { ...run, attempt: 1, type: step.type, ...startOf(transition, step, run.scope) });
};

type Leaf = Exclude<Step, { type: 'parallel' | 'for_each' | 'condition' }>;
type LeafStart = Pick<StepStart, 'delayMs' | 'input' | 'timers' | 'wait' | 'task'>;

/** What the worker, or whatever ends the step, is to be given. */
const startOf = (transition: Transition, step: Leaf, scope: string): LeafStart => {
  const values = valuesIn(transition, scope);
  const { now } = transition.environment;
  switch (step.type) {
    case 'action':
      return { delayMs: 0, input: renderValue(step.configuration.parameters ?? {}, values) };
    case 'subworkflow': {
      const { workflow, variables = {} } = step.configuration;
      return { delayMs: 0, input: { workflow, variables: renderValue(variables, values) } };
    }
    case 'delay':
      return { delayMs: delayMsOf(step.configuration, values, now) };
    case 'wait_for_event':
      return startOfWait(step.configuration, values, now);
    case 'human_task':
      return startOfTask(step.configuration, values, now);
  }
};

const decide = (transition: Transition, step: ConditionStep, run: StepRunKey): void => {
  const result = transition.environment.evaluate(step.configuration, valuesIn(transition, run.scope));
  transition.passed.push({ ...run, output: { result } });
  const { when, otherwise } = step.configuration;
  succeed(transition, run, { result }, (result ? when : otherwise) ?? step.nextSteps[0]);
};

const endRegion = (transition: Transition, { stepId, scope, output }: Extract<Task, { kind: 'region-end' }>): void => {
  const owner = transition.scopes[scope]?.owner;
  if (!owner) return;
  if (stepOf(transition.definition, owner.stepId).type === 'parallel') endBranch(transition, scope, stepId);
  else endItem(transition, scope, output);
};

const errorOf = (thrown: unknown): StepError => ({
  code: thrown instanceof DomainError ? thrown.code : 'condition-failed',
  message: thrown instanceof Error ? thrown.message : String(thrown),
  retryable: false,
});
