import type { JsonValue } from '../../kernel/json.js';
import { stepOf } from './definition-index.js';
import { succeed } from './go-on.js';
import { completeGroup, groupOf } from './group.js';
import { partScope, runName } from './run-name.js';
import type { BranchState, StepRunKey } from './state.js';
import type { ParallelStep } from './steps.js';
import { open } from './transition.js';
import type { Transition } from './transition.js';

/** Begins every branch. */
export const beginParallel = (transition: Transition, step: ParallelStep, run: StepRunKey): void => {
  const name = runName(run);
  open(transition, { ...run, attempt: 1, type: 'parallel', delayMs: null });
  transition.groups[name] = {
    kind: 'parallel',
    branches: step.nextSteps.map(() => ({ status: 'running', lastStep: null })),
  };
  step.nextSteps.forEach((stepId, index) => {
    const scope = partScope(name, index);
    transition.scopes[scope] = { owner: run, index };
    transition.agenda.push({ kind: 'enter', stepId, scope });
  });
};

/** A branch has come to its end; with the one that meets the join the parallel is over. */
export const endBranch = (transition: Transition, scope: string, lastStep: string): void => {
  const branches = withBranch(transition, scope, { status: 'completed', lastStep });
  const owner = transition.scopes[scope]?.owner;
  if (!branches || !owner) return;
  delete transition.scopes[scope];
  const step = stepOf(transition.definition, owner.stepId) as ParallelStep;
  if (count(branches, 'completed') < neededOf(step)) return;
  const output: JsonValue = {
    branches: branches.map((branch, index) => ({ ...cancelled(transition, branch, partScope(runName(owner), index)) })),
  };
  completeGroup(transition, owner, output);
  succeed(transition, owner, output);
};

/** A branch has failed, and the join can be met without it. */
export const dropBranch = (transition: Transition, scope: string, lastStep: string): void => {
  withBranch(transition, scope, { status: 'failed', lastStep });
  delete transition.scopes[scope];
};

/** Whether the join of the parallel around a scope can still be met when this branch fails. */
export const isDispensable = (transition: Transition, scope: string): boolean => {
  const found = groupOf(transition, scope);
  if (found?.group.kind !== 'parallel') return false;
  const { branches } = found.group;
  const step = stepOf(transition.definition, found.owner.stepId) as ParallelStep;
  return count(branches, 'completed') + count(branches, 'running') - 1 >= neededOf(step);
};

const neededOf = ({ nextSteps, configuration: { join } }: ParallelStep): number => {
  if (join === 'all') return nextSteps.length;
  return join === 'any' ? 1 : join;
};

const count = (branches: readonly BranchState[], status: BranchState['status']): number =>
  branches.filter((branch) => branch.status === status).length;

/** Writes how a branch stands. */
const withBranch = (transition: Transition, scope: string, branch: BranchState): readonly BranchState[] | undefined => {
  const found = groupOf(transition, scope);
  if (found?.group.kind !== 'parallel') return undefined;
  const branches = found.group.branches.with(found.index, branch);
  transition.groups[found.name] = { kind: 'parallel', branches };
  return branches;
};

/** A branch that still runs when the join is met ends where it stands. */
const cancelled = ({ open: runs }: Transition, branch: BranchState, scope: string): BranchState => {
  if (branch.status !== 'running') return branch;
  const last = [...runs.values()].find((run) => run.scope === scope);
  return { status: 'cancelled', lastStep: last?.stepId ?? null };
};
