import { DomainError } from '../../kernel/domain-error.js';
import type { JsonValue } from '../../kernel/json.js';
import type { ConditionStep, Step, WorkflowDefinition } from './definition.js';
import { delayMsOf } from './delay.js';
import { backoffMs, retryPolicyOf } from './retry.js';
import { stepOf } from './definition-index.js';
import type { Advance, Outcome } from './outcome.js';
import { scopeOf } from './scope.js';
import type { ExecutionState, OpenStepRun, StepError, StepRunKey } from './state.js';
import { isFinal } from './status.js';
import { renderValue } from './template.js';
import { beginTransition, close, setOutput, settle } from './transition.js';
import type { Environment, Transition } from './transition.js';

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
    return { state, starts: [], retried: [], passed: [], finished: [], rearmed: [], ignored: true };
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
    case 'step-due':
      return complete(transition, { ...outcome, output: null });
    case 'step-skipped':
      return skip(transition, outcome);
    case 'timed-out':
      return timeOut(transition, outcome);
    case 'cancel-requested':
      return cancel(transition, outcome.untaken ?? []);
    case 'retry-requested':
      return false;
  }
};

const skip = (transition: Transition, outcome: StepRunKey): boolean => {
  const run = transition.status === 'cancelling' ? close(transition, outcome) : undefined;
  if (run) transition.finished.push({ ...run, status: 'cancelled', output: null });
  return run !== undefined;
};

const timeOut = (transition: Transition, outcome: StepRunKey): boolean => {
  const run = close(transition, outcome);
  if (!run) return false;
  const { timeoutMs } = transition.definition.settings;
  const message = `The steps ran longer than ${timeoutMs} ms together; raise settings.timeoutMs or make them quicker.`;
  const error = { code: 'timed-out', message, retryable: false };
  transition.finished.push({ ...run, status: 'failed', output: null, error });
  endFailed(transition, message);
  return true;
};

const endFailed = (transition: Transition, message: string): void => {
  transition.status = 'failed';
  transition.errorMessage = message;
  for (const run of transition.open) transition.finished.push({ ...run, status: 'cancelled', output: null });
  transition.open = [];
};

const start = (transition: Transition, state: ExecutionState): boolean => {
  if (state.status !== 'running' || Object.keys(state.visits).length > 0) return false;
  enter(transition, transition.definition.steps[0]?.id, '');
  return true;
};

const complete = (transition: Transition, outcome: StepRunKey & { readonly output: JsonValue }): boolean => {
  const run = close(transition, outcome);
  if (!run) return false;
  transition.finished.push({ ...run, status: 'completed', output: outcome.output });
  setOutput(transition, outcome.stepId, outcome.output);
  const [next] = stepOf(transition.definition, outcome.stepId).nextSteps;
  if (transition.status !== 'cancelling') enter(transition, next, outcome.scope);
  return true;
};

const fail = (transition: Transition, outcome: OpenStepRun & { readonly error: StepError }): boolean => {
  const run = close(transition, outcome);
  if (!run || run.attempt !== outcome.attempt) return false;
  const step = stepOf(transition.definition, outcome.stepId);
  const isCancelling = transition.status === 'cancelling';
  if (!isCancelling && retry(transition, step, outcome)) return true;
  const output = outputOf(outcome.error);
  transition.finished.push({ ...run, status: 'failed', output, error: outcome.error });
  if (isCancelling) setOutput(transition, step.id, output);
  else enter(transition, afterFailure(transition, step, outcome.error), outcome.scope);
  return true;
};

const cancel = (transition: Transition, untaken: readonly StepRunKey[]): boolean => {
  if (transition.status === 'cancelling') return false;
  const isOver = (run: OpenStepRun) =>
    stepOf(transition.definition, run.stepId).type === 'delay' || untaken.some((key) => isSame(key, run));
  for (const run of transition.open.filter(isOver)) {
    transition.finished.push({ ...run, status: 'cancelled', output: null });
  }
  transition.open = transition.open.filter((run) => !isOver(run));
  transition.status = 'cancelling';
  return true;
};

const isSame = (a: StepRunKey, b: StepRunKey): boolean =>
  a.stepId === b.stepId && a.scope === b.scope && a.visit === b.visit;

const retry = (transition: Transition, step: Step, outcome: OpenStepRun & { readonly error: StepError }): boolean => {
  const { stepId, scope, visit, attempt, error } = outcome;
  const policy = retryPolicyOf(step, transition.definition.settings);
  const curable = error.retryable && !policy.nonRetryableCodes?.includes(error.code);
  if (!curable || attempt > policy.attempts) return false;
  const run = { stepId, scope, visit, attempt: attempt + 1 };
  const seed = [transition.environment.seed, stepId, scope, visit, attempt].join('\n');
  transition.open.push(run);
  transition.retried.push({ ...run, delayMs: backoffMs(policy, attempt, seed), error });
  return true;
};

/** Where a step that has failed for good goes on; undefined also when the execution failed with it. */
const afterFailure = (transition: Transition, step: Step, error: StepError): string | undefined => {
  setOutput(transition, step.id, outputOf(error));
  if (step.onError?.then === 'goto') return step.onError.goto;
  if (step.onError?.then === 'continue') return step.type === 'condition' ? branchOf(step, false) : step.nextSteps[0];
  endFailed(transition, `Step "${step.id}" failed with ${error.code}: ${error.message}`);
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
  const values = scopeOf({ ...transition.before, outputs: transition.outputs }, environment.executionId, run.scope);
  try {
    if (step.type === 'condition') return pass(transition, step, run, environment.evaluate(step.configuration, values));
    const input = step.type === 'action' ? { input: renderValue(step.configuration.parameters ?? {}, values) } : {};
    const delayMs = step.type === 'delay' ? delayMsOf(step.configuration, values, environment.now) : 0;
    transition.open.push({ ...run, attempt: 1 });
    transition.starts.push({ ...run, attempt: 1, type: step.type, delayMs, ...input });
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
