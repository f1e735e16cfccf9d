import type { StepError, StepRunKey, Task } from './state.js';
import { isOwner } from './step-kinds.js';
import { cancelRun } from './transition.js';
import type { Transition } from './transition.js';

/** Tells which step failed, and why. */
export const failureMessage = ({ stepId }: Pick<StepRunKey, 'stepId'>, { code, message }: StepError): string =>
  `Step "${stepId}" failed with ${code}: ${message}`;

/** Ends the execution as failed: everything open is cancelled, and with whatever failed is what a retry begins anew. */
export const failExecution = (transition: Transition, message: string, failed?: StepRunKey): void => {
  const runs = [...transition.open.values()];
  const owners = runs.filter((run) => isOwner(transition, run.stepId));
  const leaves = [...runs.filter((run) => !isOwner(transition, run.stepId)), ...(failed ? [failed] : [])];
  transition.interrupted = [
    ...owners.map(({ stepId, scope, visit }): Task => ({ kind: 'reopen', stepId, scope, visit })),
    ...leaves.map(({ stepId, scope }): Task => ({ kind: 'enter', stepId, scope })),
    ...transition.agenda,
  ];
  transition.agenda.length = 0;
  for (const run of runs) cancelRun(transition, run);
  transition.status = 'failed';
  transition.errorMessage = message;
};
