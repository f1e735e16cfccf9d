import type { Advance } from './outcome.js';
import type { ExecutionState } from './state.js';
import { isFinal } from './status.js';
import type { ExecutionStatus } from './status.js';
import { isOwner, isWaiting } from './step-kinds.js';
import { isForward } from './transition.js';
import type { Transition } from './transition.js';

/** Ends a transition: works out the status and says what is to be stored. */
export const settle = (transition: Transition): Advance => {
  const status = statusOf(transition);
  const { starts, retried, passed, finished, rearmed, errorMessage } = transition;
  const ended = isFinal(status) && { ended: { status, ...(errorMessage !== undefined && { errorMessage }) } };
  return {
    state: stateOf(transition, status),
    starts: [...starts.values()],
    retried,
    passed,
    finished,
    rearmed,
    ...ended,
  };
};

const statusOf = (transition: Transition): ExecutionStatus => {
  if (!isForward(transition)) return transition.status;
  const leaves = [...transition.open.values()].filter((run) => !isOwner(transition, run.stepId));
  if (leaves.length === 0) return 'completed';
  return leaves.every((run) => isWaiting(transition, run.stepId)) ? 'waiting' : 'running';
};

/** Only what a failed execution needs to be retried outlives the end. */
const stateOf = (transition: Transition, status: ExecutionStatus): ExecutionState => {
  const { variables, outputs, open, visits, scopes, groups, compensations } = transition;
  const { interrupted, reason, compensates } = transition;
  const isOver = isFinal(status) && status !== 'failed';
  return {
    status,
    variables,
    outputs,
    open: [...open.values()],
    visits,
    scopes: isOver ? {} : scopes,
    groups: isOver ? {} : groups,
    compensations: isOver ? [] : compensations,
    ...(interrupted && { interrupted }),
    ...(reason !== undefined && { reason }),
    ...(compensates && { compensates }),
  };
};
