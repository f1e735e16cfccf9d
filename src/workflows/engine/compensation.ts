import { isCompensation, stepOf } from './definition-index.js';
import { failExecution, failureMessage } from './fail-execution.js';
import type { StepError, StepRunKey } from './state.js';
import { stopWaiting } from './stop.js';
import { nextVisit, open } from './transition.js';
import type { Transition } from './transition.js';

/** Turns an execution round: what waits is cancelled, what runs ends first, then everything is undone. */
export const beginCompensation = (transition: Transition, reason: string): void => {
  transition.status = 'compensating';
  transition.reason = reason;
  stopWaiting(transition);
};

/** Goes on with an execution that is being cancelled or compensated: nothing is undone before all that ran has ended. */
export const unwind = (transition: Transition): void => {
  if (transition.open.size > 0) return;
  if (transition.status === 'cancelling') transition.status = transition.compensates ? 'compensating' : 'cancelled';
  if (transition.status === 'compensating') compensateNext(transition);
};

/** A compensation has been done. */
export const endCompensation = (transition: Transition): void => {
  transition.compensations = transition.compensations.slice(0, -1);
};

/** A compensation has failed for good: the others are done nevertheless, or the execution fails. */
export const failCompensation = (transition: Transition, run: StepRunKey, error: StepError): void => {
  if (stepOf(transition.definition, run.stepId).onError?.then === 'continue') return endCompensation(transition);
  abandonCompensation(transition, run, error);
};

/** Fails the execution while it is being undone; a retry goes on with the compensation that failed. */
export const abandonCompensation = (transition: Transition, run: StepRunKey, error: StepError): void => {
  const undone = transition.compensations.at(-1)?.of.stepId ?? '';
  failExecution(transition, `"${undone}" could not be undone. ${failureMessage(run, error)}`);
  transition.interrupted = [{ kind: 'compensate' }];
};

/** Whether a visit undoes another. */
export const undoes = ({ definition }: Transition, { stepId }: StepRunKey): boolean =>
  isCompensation(definition, stepId);

const compensateNext = (transition: Transition): void => {
  const next = transition.compensations.at(-1);
  if (!next) {
    transition.status = 'compensated';
    transition.errorMessage = transition.reason;
    return;
  }
  const { stepId, input } = next;
  const visit = nextVisit(transition, stepId);
  open(transition, { stepId, scope: '', visit, attempt: 1, type: 'action', delayMs: 0, input });
};
