import type { Counterfactual, CounterfactualQuestion } from './counterfactual-answer.js';
import { createScope } from './scope.js';
import { differences } from './solving/documents.js';
import { isFactPath } from './solving/formula-of.js';
import { matchFormula } from './solving/match-formula.js';
import { isMatch } from './solving/rule-match.js';
import { Search } from './solving/search.js';

export type { Counterfactual, CounterfactualQuestion, ValueChange } from './counterfactual-answer.js';

/** Work that one counterfactual may cost: evaluations of a single comparison. */
const WORK_LIMIT = 100_000;

/** Work that several questions share. */
export interface SharedWork {
  left: number;
}

/**
 * The smallest number of changed values that makes a rule match. Pure; the same question has the same answer. What it
 * cost is taken from `shared`, and it may cost no more than is left there.
 */
export function findCounterfactual(
  { rule, context, facts, schema, isValid }: CounterfactualQuestion,
  shared: SharedWork = { left: WORK_LIMIT },
): Counterfactual {
  const allowed = Math.min(WORK_LIMIT, shared.left);
  const budget = { left: allowed };
  const search = new Search({
    formula: matchFormula(rule),
    world: {
      base: context,
      schema,
      isValid,
      isBaseValid: isValid(context),
      scopeOf: (document) => createScope(document, facts, 0),
      isFixed: isFactPath,
      isClockFixed: true,
    },
    budget,
    confirm: (document) => isValid(document) && isMatch(rule, document, facts),
  });
  const document = search.findNearest();
  shared.left -= allowed - Math.max(0, budget.left);
  if (!document) return notFound(search);
  const changes = differences(context, document).map(({ path, ...values }) => ({ path: path.join('.'), ...values }));
  return { found: true, changes };
}

const messages = {
  exhaustive: 'No context that the schema allows makes this rule match under these facts.',
  'out-of-work': 'The rule has too many combinations of values; not all of them were tried.',
  'not-understood': 'The values that were tried do not make the rule match; it holds parts that cannot be solved for.',
};

const notFound = ({ exhaustiveness }: Search): Counterfactual => ({
  found: false,
  reason: exhaustiveness === 'exhaustive' ? 'impossible' : 'undecided',
  message: messages[exhaustiveness],
});
