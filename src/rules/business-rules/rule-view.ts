import { type AuthoredRule, keyOf, type Rule } from './rule.js';

/** A rule as callers see it. */
export interface RuleView extends AuthoredRule {
  readonly id: string;
  /** The name under which bundles know the rule, in whatever organization. */
  readonly key: string;
  readonly entryPoint: string;
  /** The newest definition's version. */
  readonly version: number;
  readonly liveVersion: number | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  /** What the author should know; absent when there is nothing. */
  readonly warnings?: readonly string[];
}

/** The rule with its newest definition. */
export const viewOf = (rule: RuleState): RuleView => ({
  id: rule.id,
  key: keyOf(rule),
  entryPoint: rule.entryPoint,
  version: rule.definitionVersion,
  liveVersion: rule.liveVersion,
  ...rule.definition,
  createdAt: rule.createdAt.toISOString(),
  createdBy: rule.createdBy,
  updatedAt: rule.updatedAt.toISOString(),
  updatedBy: rule.updatedBy,
});

/** What of a rule its view is made of. */
export type RuleState = Pick<
  Rule,
  | 'id'
  | 'entryPoint'
  | 'importedKey'
  | 'definitionVersion'
  | 'liveVersion'
  | 'definition'
  | 'createdAt'
  | 'createdBy'
  | 'updatedAt'
  | 'updatedBy'
>;
