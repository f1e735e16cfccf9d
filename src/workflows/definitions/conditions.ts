import type { Violation } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import {
  compileRule,
  evaluateOnce,
  isTruthy,
  lintRule,
  type Evaluate,
  type Facts,
  type RuleDefinition,
} from '../../rules/rules.contract.js';
import type { ConditionForm } from '../engine/definition.js';

/** Conditions of workflows mean what those of rules mean: the rules' engine compiles and evaluates them. */
interface CompiledCondition {
  readonly evaluate: Evaluate;
  readonly nodeCount: number;
}

const options = { actionTypes: new Map<string, never>() };

/** Compiled once for each configuration object, which lives as long as its definition is in memory. */
const compiled = new WeakMap<object, CompiledCondition>();

/** What keeps a condition from being saved; pointers begin at the object that holds it. */
export const checkCondition = (form: ConditionForm): readonly Violation[] => lintRule(ruleOf(form), options);

/**
 * Whether a condition holds over `data`. `executionId` seeds the operators of chance.
 * @throws EvaluationError when it cannot be computed over this data
 */
export function conditionHolds(form: ConditionForm, data: JsonObject, at: { executionId: string; now: Date }): boolean {
  let condition = compiled.get(form);
  if (!condition) compiled.set(form, (condition = compileRule(ruleOf(form), options)));
  return isTruthy(evaluateOnce(condition.evaluate, condition.nodeCount, data, factsOf(at)));
}

const ruleOf = (form: ConditionForm): RuleDefinition => ({
  id: '',
  version: 1,
  name: '',
  priority: 0,
  createdAt: '1970-01-01T00:00:00.000Z',
  enabled: true,
  stopOnMatch: false,
  ...('condition' in form ? { condition: form.condition } : { conditions: form.conditions }),
  actions: [],
});

const factsOf = ({ executionId, now }: { executionId: string; now: Date }): Facts => ({
  now: now.toISOString(),
  seed: executionId,
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: '', role: 'system', permissions: [] },
});
