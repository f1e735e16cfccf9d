/** What other contexts may use of the rules. */
export { ActionTypes, type Application, type AppliedActionType } from './decisions/action-types.js';
export type { DecisionRecord } from './decisions/decision-record.js';
export { MAX_DEPTH } from './decisions/effects.js';
export { SubjectDecisions, type DecisionTarget, type OwnedEntryPoint } from './decisions/subject-decisions.js';
export type { EntryPoint, EntryPointOwner, OwnedSubject } from './entry-points/entry-point.js';
export { EntryPoints } from './entry-points/entry-points.js';
