import { unwind } from './compensation.js';
import type { WorkflowDefinition } from './definition.js';
import { ring } from './due.js';
import { completeRun, failRun, openRunOf, skipRun, timeOutRun } from './end.js';
import { carryOn } from './enter.js';
import type { Advance, Outcome } from './outcome.js';
import { settle } from './settle.js';
import type { ExecutionState } from './state.js';
import { isFinal } from './status.js';
import { stopWaiting } from './stop.js';
import { beginTransition, isForward } from './transition.js';
import type { Environment, Transition } from './transition.js';

/**
 * What follows from an outcome: a pure function, for a definition that `validateDefinition` accepted.
 *
 * An outcome is applied first: it ends a visit, or stops or restarts the whole. That puts what is to be done next onto
 * the transition's agenda, which is then worked off: conditions are decided within the transition, everything else
 * becomes a start, whose end comes back as an outcome.
 */
export const advance = (
  definition: WorkflowDefinition,
  state: ExecutionState,
  outcome: Outcome,
  environment: Environment,
): Advance => {
  const isLate = isFinal(state.status) !== (outcome.kind === 'retry-requested');
  const transition = beginTransition(definition, state, environment);
  if (isLate || !apply(transition, outcome)) {
    return { state, starts: [], retried: [], passed: [], finished: [], rearmed: [], ignored: true };
  }
  carryOn(transition);
  unwind(transition);
  return settle(transition);
};

const apply = (transition: Transition, outcome: Outcome): boolean => {
  switch (outcome.kind) {
    case 'started':
      return start(transition);
    case 'cancel-requested':
      return cancel(transition, outcome);
    case 'retry-requested':
      return retry(transition);
    case 'step-due':
      return ring(transition, outcome);
    default:
      return end(transition, outcome);
  }
};

type EndOutcome = Extract<Outcome, { kind: 'step-completed' | 'step-failed' | 'step-skipped' | 'timed-out' }>;

const end = (transition: Transition, outcome: EndOutcome): boolean => {
  const run = openRunOf(transition, outcome);
  if (!run) return false;
  switch (outcome.kind) {
    case 'step-completed':
      return completeRun(transition, run, outcome.output);
    case 'step-failed':
      return outcome.attempt === run.attempt && failRun(transition, run, outcome.error);
    case 'step-skipped':
      return skipRun(transition, run);
    case 'timed-out':
      return timeOutRun(transition, run);
  }
};

const start = (transition: Transition): boolean => {
  const [first] = transition.definition.steps;
  if (!first || !isForward(transition) || Object.keys(transition.visits).length > 0) return false;
  transition.agenda.push({ kind: 'enter', stepId: first.id, scope: '' });
  return true;
};

const cancel = (
  transition: Transition,
  { compensate, untaken }: Extract<Outcome, { kind: 'cancel-requested' }>,
): boolean => {
  if (!isForward(transition)) return false;
  stopWaiting(transition, untaken);
  transition.status = 'cancelling';
  if (compensate) transition.compensates = true;
  return true;
};

/** Takes up what was to be done when the execution failed. */
const retry = (transition: Transition): boolean => {
  const { interrupted = [] } = transition;
  if (interrupted.length === 0) return false;
  transition.status = 'running';
  transition.agenda.push(...interrupted);
  delete transition.interrupted;
  return true;
};
