import type { Violation } from '../../kernel/domain-error.js';
import type { Expression, Operation } from './expression.js';
import { lintActions } from './lint-actions.js';
import type { ActionLimits } from './lint-actions.js';
import { lintTypes } from './lint-types.js';
import type { RuleDefinition } from './rule.js';
import { parseCondition, ruleProblems } from './rule-set.js';
import type { CompileOptions } from './rule-set.js';

/** Deepest nesting of operations in a condition. */
export const DEPTH_LIMIT = 32;
/** Most operations and values in a condition; a list without operations counts as one value. */
export const NODE_LIMIT = 2_000;

/**
 * Everything that speaks against saving a rule, each with its place in the rule: what the compiler refuses, senseless
 * numbers of arguments, size, contradictions to the entry point's schema, actions that do not fit. Empty: save it.
 */
export function lintRule(rule: RuleDefinition, options: CompileOptions & ActionLimits): readonly Violation[] {
  const parsed = parseCondition(rule, options.functions);
  const pointer = rule.conditions === undefined ? '#/condition' : '#/conditions';
  return [
    ...ruleProblems(rule, parsed, options.actionTypes).map(({ pointer: at, message }) => ({ pointer: at, message })),
    ...lintSize(parsed.expression, pointer),
    ...lintArity(parsed.expression),
    ...(options.schema ? lintTypes(parsed.expression, options.schema) : []),
    ...lintActions(rule.actions, options.actionTypes, options),
  ];
}

function lintSize(expression: Expression, pointer: string): readonly Violation[] {
  const { depth, nodes } = measure(expression);
  const violations: Violation[] = [];
  if (depth > DEPTH_LIMIT) {
    violations.push({ pointer, message: `The condition is nested ${depth} deep; at most ${DEPTH_LIMIT} is allowed.` });
  }
  if (nodes > NODE_LIMIT) {
    violations.push({ pointer, message: `The condition has ${nodes} nodes; at most ${NODE_LIMIT} are allowed.` });
  }
  return violations;
}

/** A written path is part of the node that reads it. */
const isPlainRead = ({ name, args }: Operation): boolean =>
  (name === 'var' || name === 'val' || name === 'field') && args.every(({ kind }) => kind === 'literal');

interface Size {
  readonly depth: number;
  readonly nodes: number;
}

function measure(expression: Expression): Size {
  if (expression.kind === 'literal') return { depth: 0, nodes: 1 };
  if (expression.kind === 'operation' && isPlainRead(expression)) return { depth: 1, nodes: 1 };
  const parts = (expression.kind === 'list' ? expression.items : expression.args).map(measure);
  const deepest = parts.reduce((most, { depth }) => Math.max(most, depth), 0);
  return {
    depth: deepest + (expression.kind === 'operation' ? 1 : 0),
    nodes: parts.reduce((total, { nodes }) => total + nodes, 1),
  };
}

function lintArity(expression: Expression): readonly Violation[] {
  if (expression.kind === 'literal') return [];
  if (expression.kind === 'list') return expression.items.flatMap(lintArity);
  const fault = arityFault(expression);
  const below = expression.args.flatMap(lintArity);
  return fault === undefined ? below : [{ pointer: expression.pointer, message: fault }, ...below];
}

function arityFault({ name, operator, args, isList }: Operation): string | undefined {
  const [least, most] = operator.arity;
  if (!isList && operator.isLazy) return `${name} needs its arguments as a list.`;
  // A single computed argument may give the whole list of arguments.
  if (!isList && args[0]?.kind !== 'literal') return undefined;
  if (args.length < least) return `${name} needs at least ${least} arguments, not ${args.length}.`;
  return args.length > most ? `${name} takes at most ${most} arguments, not ${args.length}.` : undefined;
}
