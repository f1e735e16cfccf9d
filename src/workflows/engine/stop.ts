import { runName } from './run-name.js';
import type { StepRunKey } from './state.js';
import { isOwner, isWaiting } from './step-kinds.js';
import { cancelRun } from './transition.js';
import type { Transition } from './transition.js';

/** Ends every visit that no worker is at: what waits, what its parts make up, and those that nobody has taken yet. */
export const stopWaiting = (transition: Transition, untaken: readonly StepRunKey[] = []): void => {
  const names = new Set(untaken.map(runName));
  for (const [name, run] of transition.open) {
    const { stepId } = run;
    const isUntaken = names.has(name) || transition.starts.has(name);
    if (isUntaken || isOwner(transition, stepId) || isWaiting(transition, stepId)) cancelRun(transition, run);
  }
  transition.agenda.length = 0;
  for (const group of Object.keys(transition.groups)) delete transition.groups[group];
};
