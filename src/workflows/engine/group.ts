import type { JsonValue } from '../../kernel/json.js';
import { isWithin, runName } from './run-name.js';
import type { GroupState, OpenStepRun, StepError, StepRunKey } from './state.js';
import { cancelRun, finish, outputOf, setOutput } from './transition.js';
import type { Transition } from './transition.js';

/** The open visit that a part belongs to, and what its parts came to so far. */
export const groupOf = (
  { scopes, groups }: Transition,
  scope: string,
):
  | { readonly owner: StepRunKey; readonly name: string; readonly index: number; readonly group: GroupState }
  | undefined => {
  const part = scopes[scope];
  const name = part && runName(part.owner);
  const group = name === undefined ? undefined : groups[name];
  return part && name !== undefined && group ? { owner: part.owner, name, index: part.index, group } : undefined;
};

/** All parts of a parallel or for_each have ended: so does it, with this output. */
export const completeGroup = (transition: Transition, owner: StepRunKey, output: JsonValue): void => {
  const run = openOwner(transition, owner);
  dropGroup(transition, owner);
  finish(transition, run, { status: 'completed', output });
};

/** A part has failed and cannot be done without: what else is open within is cancelled, and the whole fails. */
export const failGroup = (transition: Transition, owner: StepRunKey, error: StepError): void => {
  const run = openOwner(transition, owner);
  dropGroup(transition, owner);
  finish(transition, run, { status: 'failed', output: outputOf(error), error });
  setOutput(transition, owner.scope, owner.stepId, outputOf(error));
};

const openOwner = ({ open }: Transition, owner: StepRunKey): OpenStepRun =>
  open.get(runName(owner)) ?? { ...owner, attempt: 1 };

/** Cancels everything within, and forgets the parts. */
const dropGroup = (transition: Transition, owner: StepRunKey): void => {
  const name = runName(owner);
  for (const run of transition.open.values()) if (isWithin(run.scope, name)) cancelRun(transition, run);
  for (const scope of Object.keys(transition.scopes)) if (isWithin(scope, name)) delete transition.scopes[scope];
  for (const group of Object.keys(transition.groups)) {
    if (group === name || isWithin(group, name)) delete transition.groups[group];
  }
};
