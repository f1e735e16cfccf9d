import { DomainError, invalid } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import type { ActionRegistry } from './action-types.js';
import { indexCandidates } from './candidate-index.js';
import type { FindCandidates } from './candidate-index.js';
import { chooseKeys } from './choose-keys.js';
import { compileAction } from './compile-action.js';
import type { CompiledAction } from './compile-action.js';
import { compileExpression } from './compile-expression.js';
import { EvaluationError } from './evaluation-error.js';
import type { Evaluate, Expression, ParsedExpression, Problem, RuleFunctions } from './expression.js';
import { parseFieldConditions } from './field-conditions.js';
import { indexKeysOf } from './index-key.js';
import type { IndexKey } from './index-key.js';
import { parseJsonLogic } from './json-logic.js';
import { pointerTo } from './json-pointer.js';
import { mayReadPermissions } from './reads-permissions.js';
import { compileProgram } from './rule-program.js';
import type { RuleProgram } from './rule-program.js';
import type { RuleDefinition } from './rule.js';
import { SetProgram } from './set-program.js';

/** What a decision does when a rule fails: answer with deny, or let the other rules' effects stand. */
export type FailurePolicy = 'fail_open' | 'fail_closed';

/** What rules are compiled against. */
export interface CompileOptions {
  readonly actionTypes: ActionRegistry;
  readonly functions?: RuleFunctions;
  /**
   * JSON Schema of the contexts. Rules are indexed by what it says, so only contexts that fit it may be decided; leave it
   * out where nobody checks them.
   */
  readonly schema?: JsonObject;
}

/** A rule ready to run. */
export interface CompiledRule {
  readonly definition: RuleDefinition;
  /** The parsed condition, for explaining it and reading its trace again. */
  readonly expression: Expression;
  readonly nodeCount: number;
  readonly evaluate: Evaluate;
  /** The condition as its set's program holds it; undefined when only the closure can say. */
  readonly program: RuleProgram | undefined;
  readonly actions: readonly CompiledAction[];
  /** Whether it might look at the permissions of the user. */
  readonly readsPermissions: boolean;
  /** Whether it is valid within some time only. */
  readonly isTimed: boolean;
  /** Milliseconds since 1970; inclusive, -Infinity when open. */
  readonly validFromMs: number;
  /** Milliseconds since 1970; exclusive, Infinity when open. */
  readonly validUntilMs: number;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
  /** What the rule could be found by. */
  readonly indexKeys: readonly IndexKey[];
  /** What it is found by in its set; undefined: it is looked at in every decision. */
  readonly indexKey?: IndexKey;
}

/** The rules of one entry point, ready to decide. */
export interface CompiledRuleSet {
  /** Enabled rules in the order in which they are decided. */
  readonly rules: readonly CompiledRule[];
  /** The same rules by `ruleKey`, to compile the next revision from. */
  readonly compiled: ReadonlyMap<string, CompiledRule>;
  /** Which of `rules` are looked at in a decision. */
  readonly findCandidates: FindCandidates;
  /** The conditions of all of them, and what became of each the last time. */
  readonly program: SetProgram;
  /** What the rules are indexed by; without it all of them are looked at. */
  readonly schema?: JsonObject;
  readonly failurePolicy: FailurePolicy;
  /** What its rules may call. */
  readonly functions: RuleFunctions;
  /** Whether one of the rules might look at the permissions of the user; else decisions need not carry them. */
  readonly readsPermissions: boolean;
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
    program: compileProgram(expression, nodeCount, functions),
    actions: rule.actions.map((action) => compileAction(action, options.actionTypes)),
    readsPermissions: mayReadPermissions(expression, rule.actions),
    ...timesOf(rule),
    indexKeys: options.schema ? indexKeysOf(expression, options.schema) : [],
  };
}

const timesOf = ({ validFrom, validUntil, createdAt }: RuleDefinition) => ({
  createdAtMs: Date.parse(createdAt),
  isTimed: Boolean(validFrom) || Boolean(validUntil),
  validFromMs: validFrom ? Date.parse(validFrom) : -Infinity,
  validUntilMs: validUntil ? Date.parse(validUntil) : Infinity,
});

/**
 * Compiles the rules of one entry point. Rules found in `known`, which must come from the same options, are taken over,
 * so that a new revision costs only what changed. A rule that cannot be compiled does not hinder the others: it fails in
 * every decision.
 */
export function compileRuleSet(
  definitions: readonly RuleDefinition[],
  options: CompileOptions & { readonly failurePolicy: FailurePolicy },
  known: ReadonlyMap<string, CompiledRule> = new Map(),
): CompiledRuleSet {
  const enabled = definitions.filter((rule) => rule.enabled);
  const compiled = enabled.map((rule) => known.get(ruleKey(rule)) ?? compileOrFail(rule, options));
  const rules = withKeys(compiled.sort(byOrder));
  return {
    rules,
    compiled: new Map(rules.map((rule) => [ruleKey(rule.definition), rule])),
    findCandidates: indexCandidates(rules.map(({ indexKey }) => indexKey)),
    program: new SetProgram(rules),
    failurePolicy: options.failurePolicy,
    functions: options.functions ?? noFunctions,
    readsPermissions: rules.some((rule) => rule.readsPermissions),
    nodeCount: rules.reduce((most, { nodeCount }) => Math.max(most, nodeCount), 0),
    ...(options.schema && { schema: options.schema }),
  };
}

/** The rules with the key that each is found by in this set; those that have it already stay the same. */
function withKeys(rules: readonly CompiledRule[]): readonly CompiledRule[] {
  const keys = chooseKeys(rules.map(({ indexKeys }) => indexKeys));
  return rules.map((rule, i) => (rule.indexKey === keys[i] ? rule : { ...rule, indexKey: keys[i] }));
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
      program: undefined,
      actions: [],
      readsPermissions: false,
      ...timesOf(rule),
      indexKeys: [],
    };
  }
}

/** Priority descending, then age, then id: a total order, the same on every machine. */
function byOrder(a: CompiledRule, b: CompiledRule): number {
  if (a.definition.priority !== b.definition.priority) return b.definition.priority - a.definition.priority;
  if (a.createdAtMs !== b.createdAtMs) return a.createdAtMs - b.createdAtMs;
  return a.definition.id < b.definition.id ? -1 : Number(a.definition.id > b.definition.id);
}
