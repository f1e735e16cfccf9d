import type { Counterfactual, CounterfactualQuestion } from './counterfactual-answer.js';

export type { Counterfactual, CounterfactualQuestion, ValueChange } from './counterfactual-answer.js';

/** The smallest number of changed values that makes a rule match. Pure; the same question has the same answer. */
export function findCounterfactual({ rule }: CounterfactualQuestion): Counterfactual {
  return { found: false, reason: 'undecided', message: `No values were tried for the rule ${rule.definition.id}.` };
}
