import type { RuleError } from '../engine/decide.js';

/** So many errors are answered one by one. */
export const LISTED_ERRORS = 100;
/** Rules that a group names. */
const NAMED_RULES = 10;

/** An error as it is answered; of many that are alike, one that stands for all. */
export interface AnsweredError extends RuleError {
  /** How many rules failed so; absent when errors are answered one by one. */
  readonly count?: number;
  /** Some of them. */
  readonly ruleIds?: readonly string[];
}

/**
 * Errors as they are answered: beyond 100, those that failed for the same reason, such as the same missing path, stand
 * together. The record of the decision keeps each.
 */
export function answeredErrors(errors: readonly RuleError[]): readonly AnsweredError[] {
  if (errors.length <= LISTED_ERRORS) return errors;
  return [...Map.groupBy(errors, reasonOf).values()].map((alike) => ({
    ...alike[0]!,
    count: alike.length,
    ruleIds: alike.slice(0, NAMED_RULES).map(({ ruleId }) => ruleId),
  }));
}

/** What is the same of errors of several rules: all but the rule's id at the beginning of the message. */
const reasonOf = ({ ruleId, code, message }: RuleError): string => `${code} ${message.slice(ruleId.length)}`;
