import type { JsonObject } from '../../kernel/json.js';
import type { Counterfactual, CounterfactualQuestion } from './counterfactual-answer.js';
import type { Facts } from './facts.js';
import type { CompiledRule } from './rule-set.js';
import { createScope } from './scope.js';
import { differences } from './solving/documents.js';
import { isFactPath } from './solving/formula-of.js';
import { matchFormula } from './solving/match-formula.js';
import { Search } from './solving/search.js';
import { isTruthy } from './values.js';

export type { Counterfactual, CounterfactualQuestion, ValueChange } from './counterfactual-answer.js';

/** Work that one counterfactual may cost: evaluations of a single comparison. */
const WORK_LIMIT = 400_000;

/** The smallest number of changed values that makes a rule match. Pure; the same question has the same answer. */
export function findCounterfactual({ rule, context, facts, schema, isValid }: CounterfactualQuestion): Counterfactual {
  const search = new Search({
    formula: matchFormula(rule),
    world: {
      base: context,
      schema,
      isValid,
      scopeOf: (document) => createScope(document, facts, 0),
      isFixed: isFactPath,
      isClockFixed: true,
    },
    budget: { left: WORK_LIMIT },
    confirm: (document) => isValid(document) && isMatch(rule, document, facts),
  });
  const document = search.findNearest();
  if (!document) return notFound(search);
  const changes = differences(context, document).map(({ path, ...values }) => ({ path: path.join('.'), ...values }));
  return { found: true, changes };
}

/** Whether the engine itself says that a rule matches, with actions that can be computed; validity in time aside. */
export function isMatch(rule: CompiledRule, context: JsonObject, facts: Facts): boolean {
  const scope = createScope(context, facts, rule.nodeCount);
  try {
    if (!isTruthy(rule.evaluate(scope))) return false;
    for (const action of rule.actions) action.resolve(scope);
    return true;
  } catch {
    return false;
  }
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
