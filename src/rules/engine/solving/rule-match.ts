import type { JsonObject } from '../../../kernel/json.js';
import type { Facts } from '../facts.js';
import type { CompiledRule } from '../rule-set.js';
import { createScope } from '../scope.js';
import { isTruthy } from '../values.js';

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
