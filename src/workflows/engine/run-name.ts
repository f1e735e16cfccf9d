import type { StepRunKey } from './state.js';

/** Names a visit within its execution; of a parallel or for_each also its group, and the beginning of its parts' scopes. */
export const runName = ({ stepId, scope, visit }: StepRunKey): string =>
  `${scope === '' ? '' : `${scope}/`}${stepId}.${visit}`;

/** The scope of one branch, or of one item. */
export const partScope = (group: string, index: number): string => `${group}.${index}`;

/** Whether a scope is that of a part of the group, or lies deeper in one. */
export const isWithin = (scope: string, group: string): boolean => scope.startsWith(`${group}.`);

/** The scope around another; '' is the workflow itself. */
export const outerScope = (scope: string): string => scope.slice(0, Math.max(0, scope.lastIndexOf('/')));

/** From the outermost scope to this one, the workflow itself left out. */
export const scopesTo = (scope: string): string[] => (scope === '' ? [] : [...scopesTo(outerScope(scope)), scope]);
