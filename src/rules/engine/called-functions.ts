import type { Expression } from './expression.js';
import type { RuleDefinition } from './rule.js';
import { parseCondition } from './rule-set.js';

/** The names of the functions that an expression calls, each once, in the order of their first call. */
export const calledFunctions = (expression: Expression): readonly string[] => [...new Set(callsIn(expression))];

/** As calledFunctions, of a rule's condition, whether or not there are such functions. */
export const functionsCalledBy = (rule: Pick<RuleDefinition, 'condition' | 'conditions'>): readonly string[] =>
  calledFunctions(parseCondition(rule).expression);

function callsIn(expression: Expression): readonly string[] {
  if (expression.kind === 'literal') return [];
  if (expression.kind === 'list') return expression.items.flatMap(callsIn);
  const { name, args } = expression;
  const [target] = args;
  const called = name === 'fn' && target?.kind === 'literal' && typeof target.value === 'string' ? [target.value] : [];
  return [...called, ...args.flatMap(callsIn)];
}
