import { DomainError, invalid } from '../../kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { ActionRegistry, RegisteredActionType } from './action-types.js';
import { compileExpression } from './compile-expression.js';
import { EvaluationError } from './evaluation-error.js';
import type { Evaluate, Expression, ParsedExpression, Problem, RuleFunctions, Scope } from './expression.js';
import { parseFieldConditions } from './field-conditions.js';
import { parseJsonLogic } from './json-logic.js';
import { pointerTo } from './json-pointer.js';
import type { RuleAction, RuleDefinition } from './rule.js';
import { compileTemplate } from './template.js';

/** What a decision does when a rule fails: answer with deny, or let the other rules' effects stand. */
export type FailurePolicy = 'fail_open' | 'fail_closed';

/** What rules are compiled against. */
export interface CompileOptions {
  readonly actionTypes: ActionRegistry;
  readonly functions?: RuleFunctions;
}

/** An action ready to run. `resolve` throws EvaluationError. */
export interface CompiledAction {
  readonly actionType: RegisteredActionType;
  readonly resolve: (scope: Scope) => JsonObject;
}

/** A rule ready to run. */
export interface CompiledRule {
  readonly definition: RuleDefinition;
  /** The parsed condition, for explaining it and reading its trace again. */
  readonly expression: Expression;
  readonly nodeCount: number;
  readonly evaluate: Evaluate;
  readonly actions: readonly CompiledAction[];
  /** Milliseconds since 1970; inclusive, -Infinity when open. */
  readonly validFromMs: number;
  /** Milliseconds since 1970; exclusive, Infinity when open. */
  readonly validUntilMs: number;
}

/** The rules of one entry point, ready to decide. */
export interface CompiledRuleSet {
  /** Enabled rules in the order in which they are decided. */
  readonly rules: readonly CompiledRule[];
  /** The same rules by `ruleKey`, to compile the next revision from. */
  readonly compiled: ReadonlyMap<string, CompiledRule>;
  readonly failurePolicy: FailurePolicy;
  /** What its rules may call. */
  readonly functions: RuleFunctions;
  /** The largest number of nodes of any of the rules. */
  readonly nodeCount: number;
}

/** The name of one version of a rule, `id@version`. */
export const ruleKey = ({ id, version }: Pick<RuleDefinition, 'id' | 'version'>): string => `${id}@${version}`;

const noFunctions: RuleFunctions = new Map();

/** Parses a rule's condition, whichever form it has. Problems point below `#/condition` or `#/conditions`. */
export function parseCondition(
  rule: Pick<RuleDefinition, 'condition' | 'conditions'>,
  functions: RuleFunctions = noFunctions,
): ParsedExpression {
  const { condition, conditions } = rule;
  if (condition === undefined && conditions !== undefined) return parseFieldConditions(conditions, '#/conditions');
  if (condition !== undefined && conditions === undefined) return parseJsonLogic(condition, functions, '#/condition');
  const message = 'A rule has either condition (JSONLogic) or conditions (field form).';
  return {
    expression: { kind: 'literal', value: null },
    nodeCount: 0,
    problems: [{ code: 'invalid-condition', pointer: '#', message }],
  };
}

/** The problems of a rule that keep it from being compiled: in its condition and in its actions' types. */
export function ruleProblems(
  rule: RuleDefinition,
  parsed: ParsedExpression,
  types: ActionRegistry,
): readonly Problem[] {
  const unknown = rule.actions.flatMap(({ type }, i): Problem[] => {
    if (types.has(type)) return [];
    const message = `There is no action type "${type}"; known are ${[...types.keys()].join(', ')}.`;
    return [{ code: 'unknown-action-type', pointer: pointerTo('#/actions', i, 'type'), message }];
  });
  return [...parsed.problems, ...unknown];
}

/** @throws DomainError `invalid` with the code of the first problem and a violation for each. */
export function compileRule(rule: RuleDefinition, options: CompileOptions): CompiledRule {
  const functions = options.functions ?? noFunctions;
  const parsed = parseCondition(rule, functions);
  const problems = ruleProblems(rule, parsed, options.actionTypes);
  const [first] = problems;
  if (first) throw invalid(first.code, first.message, { violations: problems });
  const { expression, nodeCount } = parsed;
  return {
    definition: rule,
    expression,
    nodeCount,
    evaluate: compileExpression(expression, functions),
    actions: rule.actions.map((action) => compileAction(action, options.actionTypes)),
    ...validity(rule),
  };
}

const validity = ({ validFrom, validUntil }: RuleDefinition) => ({
  validFromMs: validFrom ? Date.parse(validFrom) : -Infinity,
  validUntilMs: validUntil ? Date.parse(validUntil) : Infinity,
});

function compileAction({ type, parameters }: RuleAction, actionTypes: ActionRegistry): CompiledAction {
  const actionType = actionTypes.get(type) as RegisteredActionType;
  const template = compileTemplate(parameters);
  const resolve = (scope: Scope): JsonObject => {
    const rendered = template.render(scope) as JsonObject;
    // Constant parameters were checked when the rule was saved.
    if (!template.isConstant) checkParameters(actionType, rendered);
    return actionType.resolve?.(rendered, scope.data) ?? rendered;
  };
  return { actionType, resolve };
}

function checkParameters(actionType: RegisteredActionType, parameters: JsonValue): void {
  const [fault] = actionType.check(parameters);
  if (!fault) return;
  const message = `The parameter ${fault.instancePath.slice(1)} of ${actionType.type} ${fault.message ?? 'is wrong'}.`;
  throw new EvaluationError('invalid-parameters', message);
}

/**
 * Compiles the rules of one entry point. Rules found in `known` are taken over, so that a new revision costs only what
 * changed. A rule that cannot be compiled does not hinder the others: it fails in every decision.
 */
export function compileRuleSet(
  rules: readonly RuleDefinition[],
  options: CompileOptions & { readonly failurePolicy: FailurePolicy },
  known: ReadonlyMap<string, CompiledRule> = new Map(),
): CompiledRuleSet {
  const compiled = new Map<string, CompiledRule>();
  for (const rule of rules) {
    if (rule.enabled) compiled.set(ruleKey(rule), known.get(ruleKey(rule)) ?? compileOrFail(rule, options));
  }
  return {
    rules: [...compiled.values()].sort(byOrder),
    compiled,
    failurePolicy: options.failurePolicy,
    functions: options.functions ?? noFunctions,
    nodeCount: [...compiled.values()].reduce((most, { nodeCount }) => Math.max(most, nodeCount), 0),
  };
}

function compileOrFail(rule: RuleDefinition, options: CompileOptions): CompiledRule {
  try {
    return compileRule(rule, options);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const failure = new EvaluationError(error.code, error.message);
    const evaluate: Evaluate = () => {
      throw failure;
    };
    return {
      definition: rule,
      expression: { kind: 'literal', value: null },
      nodeCount: 0,
      evaluate,
      actions: [],
      ...validity(rule),
    };
  }
}

/** Priority descending, then age, then id: a total order, the same on every machine. */
function byOrder({ definition: a }: CompiledRule, { definition: b }: CompiledRule): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  const age = Date.parse(a.createdAt) - Date.parse(b.createdAt);
  if (age !== 0) return age;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
