import { beginCompensation } from './compensation.js';
import { stepOf } from './definition-index.js';
import { failExecution, failureMessage } from './fail-execution.js';
import { followerOf, goOn } from './go-on.js';
import { failGroup } from './group.js';
import { dropBranch, isDispensable } from './parallel.js';
import { backoffMs, retryPolicyOf } from './retry.js';
import { runName } from './run-name.js';
import type { OpenStepRun, StepError, StepRunKey } from './state.js';
import type { Step } from './steps.js';
import { outputOf, setOutput } from './transition.js';
import type { Transition } from './transition.js';

/** Tries a failed attempt again, if that can help and the step's policy allows it. */
export const retried = (transition: Transition, run: OpenStepRun, error: StepError): boolean => {
  const { stepId, scope, visit, attempt } = run;
  const policy = retryPolicyOf(stepOf(transition.definition, stepId), transition.definition.settings);
  const curable = error.retryable && !policy.nonRetryableCodes?.includes(error.code);
  if (!curable || attempt > policy.attempts) return false;
  const seed = [transition.environment.seed, stepId, scope, visit, attempt].join('\n');
  const next = { stepId, scope, visit, attempt: attempt + 1 };
  transition.open.set(runName(run), next);
  const delayMs = Math.max(backoffMs(policy, attempt, seed), error.retryAfterMs ?? 0);
  transition.retried.push({ ...next, delayMs, error });
  return true;
};

/**
 * A visit has failed for good. The failure goes outwards until a step handles it or a join can be met without it; what
 * it broke on its way fails too. What nothing handles fails the execution, and leaves all in place for a retry.
 */
export const settleFailure = (transition: Transition, failed: StepRunKey, error: StepError): void => {
  setOutput(transition, failed.scope, failed.stepId, outputOf(error));
  const { broken, end } = followOutwards(transition, failed);
  if (end.kind === 'unhandled') return failExecution(transition, failureMessage(failed, error), failed);
  for (const owner of broken) failGroup(transition, owner, error);
  if (end.kind === 'dispensable') return dropBranch(transition, end.run.scope, end.run.stepId);
  handle(transition, end.run, error);
};

interface FailureEnd {
  readonly kind: 'unhandled' | 'dispensable' | 'handled';
  /** The outermost visit that fails. */
  readonly run: StepRunKey;
}

const followOutwards = (
  transition: Transition,
  failed: StepRunKey,
): { readonly broken: readonly StepRunKey[]; readonly end: FailureEnd } => {
  const broken: StepRunKey[] = [];
  for (let run = failed; ;) {
    const then = stepOf(transition.definition, run.stepId).onError?.then ?? 'fail';
    if (then !== 'fail') return { broken, end: { kind: 'handled', run } };
    const owner = transition.scopes[run.scope]?.owner;
    if (!owner) return { broken, end: { kind: 'unhandled', run } };
    if (isDispensable(transition, run.scope)) return { broken, end: { kind: 'dispensable', run } };
    broken.push(owner);
    run = owner;
  }
};

const handle = (transition: Transition, run: StepRunKey, error: StepError): void => {
  const step = stepOf(transition.definition, run.stepId);
  if (step.onError?.then === 'compensate') return beginCompensation(transition, failureMessage(run, error));
  const next = step.onError?.then === 'goto' ? step.onError.goto : followerAfterError(step);
  goOn(transition, run, outputOf(error), next);
};

/** A condition that cannot be decided does not hold. */
const followerAfterError = (step: Step): string | undefined =>
  (step.type === 'condition' ? step.configuration.otherwise : undefined) ?? followerOf(step);
