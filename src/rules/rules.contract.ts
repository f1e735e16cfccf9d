/** What other contexts may use of the rules. */
export { CreateRule } from './business-rules/commands/create-rule.js';
export { ListRules } from './business-rules/queries/list-rules.js';
export type { AuthoredRule } from './business-rules/rule.js';
export { FindRuleConflicts, type RuleConflicts } from './conflicts/queries/find-rule-conflicts.js';
export { ActionTypes, type Application, type AppliedActionType } from './decisions/action-types.js';
export type { DecisionRecord } from './decisions/decision-record.js';
export { SubjectDecisions, type DecisionTarget, type OwnedEntryPoint } from './decisions/subject-decisions.js';
export type { EntryPoint, EntryPointOwner, OwnedSubject } from './entry-points/entry-point.js';
export { EntryPoints } from './entry-points/entry-points.js';
export { compileContextSchema, type ContextCheck } from './entry-points/context-schema.js';
export { evaluateOnce } from './engine/compile-expression.js';
export type { Evaluate } from './engine/expression.js';
export type { Facts } from './engine/facts.js';
export { lintRule } from './engine/lint.js';
export type { RuleDefinition } from './engine/rule.js';
export { compileRule } from './engine/rule-set.js';
export { isTruthy } from './engine/values.js';
