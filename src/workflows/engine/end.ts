import type { JsonValue } from '../../kernel/json.js';
import { abandonCompensation, endCompensation, failCompensation, undoes } from './compensation.js';
import { failExecution } from './fail-execution.js';
import { retried, settleFailure } from './failure.js';
import { succeed } from './go-on.js';
import { runName } from './run-name.js';
import type { OpenStepRun, StepError, StepRunKey } from './state.js';
import { isOwner } from './step-kinds.js';
import { cancelRun, finish, isForward, outputOf, setOutput } from './transition.js';
import type { Transition } from './transition.js';

/** The open visit that an outcome from outside is about; that of a parallel or for_each follows from its parts alone. */
export const openRunOf = (transition: Transition, key: StepRunKey): OpenStepRun | undefined => {
  const run = transition.open.get(runName(key));
  return run && !isOwner(transition, run.stepId) ? run : undefined;
};

/** Ends a visit with what it gave. */
export const completeRun = (transition: Transition, run: OpenStepRun, output: JsonValue): true => {
  finish(transition, run, { status: 'completed', output });
  if (undoes(transition, run)) endCompensation(transition);
  succeed(transition, run, output);
  return true;
};

/** Ends an attempt that failed, and with it the visit, unless it is tried again. */
export const failRun = (transition: Transition, run: OpenStepRun, error: StepError): true => {
  const isCompensation = undoes(transition, run);
  if ((isForward(transition) || isCompensation) && retried(transition, run, error)) return true;
  endFailed(transition, run, error);
  if (isCompensation) failCompensation(transition, run, error);
  else if (isForward(transition)) settleFailure(transition, run, error);
  return true;
};

/** Ends a visit that nobody took, while the execution is being cancelled or compensated. */
export const skipRun = (transition: Transition, run: OpenStepRun): boolean => {
  if (isForward(transition) || undoes(transition, run)) return false;
  cancelRun(transition, run);
  return true;
};

/** Ends a visit because the execution's active time is up: it fails whatever its steps say about errors. */
export const timeOutRun = (transition: Transition, run: OpenStepRun): true => {
  const { timeoutMs } = transition.definition.settings;
  const message = `The steps ran longer than ${timeoutMs} ms together; raise settings.timeoutMs or make them quicker.`;
  const error = { code: 'timed-out', message, retryable: false };
  endFailed(transition, run, error);
  if (undoes(transition, run)) abandonCompensation(transition, run, error);
  else if (isForward(transition)) failExecution(transition, message, run);
  return true;
};

const endFailed = (transition: Transition, run: OpenStepRun, error: StepError): void => {
  const output = outputOf(error);
  finish(transition, run, { status: 'failed', output, error });
  setOutput(transition, run.scope, run.stepId, output);
};
