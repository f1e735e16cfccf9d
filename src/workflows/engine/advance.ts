import { DomainError } from '../../kernel/domain-error.js';
import type { JsonValue } from '../../kernel/json.js';
import type { ConditionStep, Step, WorkflowDefinition } from './definition.js';
import { delayMsOf } from './delay.js';
import { backoffMs, retryPolicyOf } from './retry.js';
import { scopeOf } from './state.js';
import type { ExecutionState, OpenStepRun, Outcome, StepError, StepRunKey } from './state.js';
import { isFinal } from './status.js';
import { renderValue } from './template.js';
import { beginTransition, close, setOutput, settle, stepOf } from './transition.js';
import type { Advance, Environment, Transition } from './transition.js';

/**
 * What follows from an outcome: a pure function, for a definition that `validateDefinition` accepted.
 * Conditions are decided within the transition; actions and delays become starts, whose ends come back as outcomes
 * (a delay's as `step-completed` when it is due).
 */
export const advance = (
  definition: WorkflowDefinition,
  state: ExecutionState,
  outcome: Outcome,
  environment: Environment,
): Advance => {
  const transition = beginTransition(definition, state, environment);
  if (isFinal(state.status) || !apply(transition, state, outcome)) {
    return { state, starts: [], passed: [], cancelled: [], ignored: true };
  }
  return settle(transition);
};

const apply = (transition: Transition, state: ExecutionState, outcome: Outcome): boolean => {
  switch (outcome.kind) {
    case 'started':
      return start(transition, state);
    case 'step-completed':
      return complete(transition, outcome);
    case 'step-failed':
      return fail(transition, outcome);
    case 'cancel-requested':
      return cancel(transition);
  }
};

const start = (transition: Transition, state: ExecutionState): boolean => {
  if (state.status !== 'running' || Object.keys(state.visits).length > 0) return false;
  enter(transition, transition.definition.steps[0]?.id, '');
  return true;
};

const complete = (transition: Transition, outcome: StepRunKey & { readonly output: JsonValue }): boolean => {
  if (!close(transition, outcome)) return false;
  setOutput(transition, outcome.stepId, outcome.output);
  const [next] = stepOf(transition.definition, outcome.stepId).nextSteps;
  if (transition.status !== 'cancelling') enter(transition, next, outcome.scope);
  return true;
};

const fail = (transition: Transition, outcome: OpenStepRun & { readonly error: StepError }): boolean => {
  const run = close(transition, outcome);
  if (!run || run.attempt !== outcome.attempt) return false;
  const step = stepOf(transition.definition, outcome.stepId);
  if (transition.status === 'cancelling') {
    setOutput(transition, step.id, outputOf(outcome.error));
  } else if (!retry(transition, step, outcome)) {
    enter(transition, afterFailure(transition, step, outcome.error), outcome.scope);
  }
  return true;
};

const cancel = (transition: Transition): boolean => {
  if (transition.status === 'cancelling') return false;
  const isDelay = (run: OpenStepRun) => stepOf(transition.definition, run.stepId).type === 'delay';
  transition.cancelled.push(...transition.open.filter(isDelay));
  transition.open = transition.open.filter((run) => !isDelay(run));
  transition.status = 'cancelling';
  return true;
};

const retry = (transition: Transition, step: Step, outcome: OpenStepRun & { readonly error: StepError }): boolean => {
  const { stepId, scope, visit, attempt, error } = outcome;
  const policy = retryPolicyOf(step, transition.definition.settings);
  const curable = error.retryable && !policy.nonRetryableCodes?.includes(error.code);
  if (!curable || attempt > policy.attempts) return false;
  const run = { stepId, scope, visit, attempt: attempt + 1 };
  const seed = [transition.environment.seed, stepId, scope, visit, attempt].join('\n');
  transition.open.push(run);
  transition.starts.push({ ...run, delayMs: backoffMs(policy, attempt, seed) });
  return true;
};

/** Where a step that has failed for good goes on; undefined also when the execution failed with it. */
const afterFailure = (transition: Transition, step: Step, error: StepError): string | undefined => {
  setOutput(transition, step.id, outputOf(error));
  if (step.onError?.then === 'goto') return step.onError.goto;
  if (step.onError?.then === 'continue') return step.type === 'condition' ? branchOf(step, false) : step.nextSteps[0];
  transition.status = 'failed';
  transition.errorMessage = `Step "${step.id}" failed with ${error.code}: ${error.message}`;
  transition.cancelled.push(...transition.open);
  transition.open = [];
  return undefined;
};

/** Begins a step and, as long as steps need no worker, those that follow. */
const enter = (transition: Transition, stepId: string | undefined, scope: string): void => {
  let next = stepId;
  while (next !== undefined) {
    const step = stepOf(transition.definition, next);
    const visit = (Object.hasOwn(transition.visits, next) ? (transition.visits[next] ?? 0) : 0) + 1;
    transition.visits = { ...transition.visits, [next]: visit };
    next = begin(transition, step, { stepId: next, scope, visit });
  }
};

/** Begins one visit; gives the step to go on with when the visit is over at once. */
const begin = (transition: Transition, step: Step, run: StepRunKey): string | undefined => {
  const { environment } = transition;
  const values = scopeOf(transition, environment.executionId);
  try {
    if (step.type === 'condition') return pass(transition, step, run, environment.evaluate(step.configuration, values));
    const input = step.type === 'action' ? renderValue(step.configuration.parameters ?? {}, values) : null;
    const delayMs = step.type === 'delay' ? delayMsOf(step.configuration, values, environment.now) : 0;
    transition.open.push({ ...run, attempt: 1 });
    transition.starts.push({ ...run, attempt: 1, delayMs, input });
    return undefined;
  } catch (thrown) {
    const error = errorOf(thrown);
    transition.passed.push({ ...run, output: outputOf(error), error });
    return afterFailure(transition, step, error);
  }
};

const pass = (transition: Transition, step: ConditionStep, run: StepRunKey, result: boolean): string | undefined => {
  setOutput(transition, step.id, { result });
  transition.passed.push({ ...run, output: { result } });
  return branchOf(step, result);
};

const branchOf = (step: ConditionStep, result: boolean): string | undefined =>
  (result ? step.configuration.when : step.configuration.otherwise) ?? step.nextSteps[0];

const outputOf = ({ code, message }: StepError): JsonValue => ({ error: { code, message } });

const errorOf = (thrown: unknown): StepError => ({
  code: thrown instanceof DomainError ? thrown.code : 'condition-failed',
  message: thrown instanceof Error ? thrown.message : String(thrown),
  retryable: false,
});
