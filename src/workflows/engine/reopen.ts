import { stepOf } from './definition-index.js';
import { isWithin, runName } from './run-name.js';
import type { StepRunKey, Task } from './state.js';
import { nextVisit, open } from './transition.js';
import type { Transition } from './transition.js';

/** Goes on with a parallel or for_each that a failure interrupted: a new visit, with the parts of the old one. */
export const reopen = (transition: Transition, { stepId, scope, visit }: StepRunKey): void => {
  const { type } = stepOf(transition.definition, stepId);
  const before = { stepId, scope, visit };
  const after = { ...before, visit: nextVisit(transition, stepId) };
  open(transition, { ...after, attempt: 1, type, delayMs: null });
  rename(transition, before, after);
};

/** Moves everything of one visit to another. Outer visits come first, so that inner ones are found where they are by then. */
const rename = (transition: Transition, before: StepRunKey, after: StepRunKey): void => {
  const [from, to] = [runName(before), runName(after)];
  const renamed = (name: string): string => (isWithin(name, from) ? to + name.slice(from.length) : name);
  const ownerOf = (owner: StepRunKey): StepRunKey =>
    runName(owner) === from ? after : { ...owner, scope: renamed(owner.scope) };
  const { scopes, groups, agenda } = transition;
  for (const [name, part] of Object.entries(scopes).filter(([scope]) => isWithin(scope, from))) {
    delete scopes[name];
    scopes[renamed(name)] = { ...part, owner: ownerOf(part.owner) };
  }
  for (const [name, group] of Object.entries(groups).filter(([group]) => group === from || isWithin(group, from))) {
    delete groups[name];
    groups[name === from ? to : renamed(name)] = group;
  }
  agenda.splice(0, agenda.length, ...agenda.map((task): Task => moved(task, renamed)));
};

const moved = (task: Task, renamed: (scope: string) => string): Task =>
  'scope' in task ? { ...task, scope: renamed(task.scope) } : task;
