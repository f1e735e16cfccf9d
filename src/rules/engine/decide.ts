import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { DecisionOutcome } from './action-types.js';
import type { Candidate } from './candidate.js';
import { failedOperation } from './compile-expression.js';
import { settleEffects } from './effects.js';
import type { Effect, ResolvedAction } from './effects.js';
import { EvaluationError } from './evaluation-error.js';
import type { Scope } from './expression.js';
import type { Facts } from './facts.js';
import type { CompiledRule, CompiledRuleSet } from './rule-set.js';
import { createScope, WORK_LIMIT } from './scope.js';
import { ASK_CLOSURE } from './set-program.js';
import { encodeTrace, packTrace, PACKED_LIMIT, TraceState } from './trace.js';
import { isTruthy } from './values.js';

/** Raised whenever a rule set could decide differently over the same context and facts. Replay is guarded by it. */
export const SEMANTICS_VERSION = 2;

export type { Candidate } from './candidate.js';

/** Why a rule failed. The message begins with the rule's id. */
export interface RuleError {
  readonly ruleId: string;
  readonly ruleName: string;
  readonly code: string;
  readonly message: string;
  /** Where in the rule, as JSON pointer, when it failed in its condition. */
  readonly pointer?: string;
}

/** The answer to one context: what should happen, and why. */
export interface Decision {
  readonly outcome: DecisionOutcome;
  /**
   * Evaluated rules in order; rules that the index leaves out, outside their validity or behind a `stopOnMatch` are not
   * among them.
   */
  readonly candidates: readonly Candidate[];
  readonly matchedRules: readonly string[];
  readonly effects: readonly Effect[];
  /** New value by field path, settled over all effective effects. */
  readonly changes: JsonObject;
  readonly errors: readonly RuleError[];
  /** Whether a rule failed and the failure policy closed the decision: outcome deny, no effect is effective. */
  readonly blocked: boolean;
}

/**
 * Decides one context: every rule in force, in order, each over the context as given. Pure and synchronous; the same
 * arguments give the same decision, byte for byte. Never throws for what a rule or a context holds.
 */
export function decide(ruleSet: CompiledRuleSet, context: JsonObject, facts: Facts): Decision {
  const scope = createScope(context, facts, ruleSet.nodeCount);
  const findings: Findings = { candidates: [], matchedRules: [], actions: [], errors: [] };
  const { program } = ruleSet;
  program.begin();
  for (const position of ruleSet.findCandidates(scope)) {
    const packed = program.run(position, scope);
    if (isFalse(packed)) findings.candidates.push(program.write(position, packed));
    else if (follow({ ruleSet, scope, findings }, position, packed)) break;
  }
  return conclude(ruleSet, context, findings);
}

const isFalse = (packed: number): boolean => packed !== ASK_CLOSURE && (packed & 3) === TraceState.False;

interface Deciding {
  readonly ruleSet: CompiledRuleSet;
  readonly scope: Scope;
  readonly findings: Findings;
}

/** Goes on with a rule whose program did not end it. Returns whether it ends the decision. */
function follow(deciding: Deciding, position: number, packed: number): boolean {
  const { ruleSet, scope, findings } = deciding;
  const match = packed === ASK_CLOSURE ? undefined : ruleSet.program.matchAt(position);
  const actions = match && complete(match.actions, scope.data);
  if (!match || !actions) return judgeAt(deciding, position);
  findings.candidates.push(ruleSet.program.write(position, packed));
  findings.matchedRules.push(match.ruleId);
  findings.actions.push(...actions);
  return match.stopOnMatch;
}

/** Constant actions with what their types add; undefined when one fails, which the rule's own way tells. */
function complete(actions: readonly ResolvedAction[], context: JsonValue): readonly ResolvedAction[] | undefined {
  try {
    return actions.map((action) => {
      const parameters = action.actionType.resolve?.(action.parameters, context) ?? action.parameters;
      return parameters === action.parameters ? action : { ...action, parameters };
    });
  } catch {
    return undefined;
  }
}

function judgeAt({ ruleSet, scope, findings }: Deciding, position: number): boolean {
  const rule = ruleSet.rules[position] as CompiledRule;
  if (rule.isTimed && !isInForce(rule, scope.facts)) return false;
  const { state, actions, error } = judge(rule, scope);
  findings.candidates.push(candidateAt(ruleSet, position, { state, trace: scope.trace }));
  if (error) findings.errors.push(error);
  if (!actions) return false;
  findings.matchedRules.push(rule.definition.id);
  findings.actions.push(...actions);
  return rule.definition.stopOnMatch;
}

function isInForce({ validFromMs, validUntilMs }: CompiledRule, { now }: Facts): boolean {
  const nowMs = Date.parse(now);
  return nowMs >= validFromMs && nowMs < validUntilMs;
}

function candidateAt(
  { program, rules }: CompiledRuleSet,
  position: number,
  { state, trace }: { readonly state: TraceState; readonly trace: Uint8Array },
): Candidate {
  const { definition, nodeCount } = rules[position] as CompiledRule;
  if (nodeCount <= PACKED_LIMIT) return program.write(position, packTrace(trace, nodeCount) * 4 + state);
  return [definition.id, definition.version, state, encodeTrace(trace, nodeCount)];
}

interface Findings {
  readonly candidates: Candidate[];
  readonly matchedRules: string[];
  readonly actions: ResolvedAction[];
  readonly errors: RuleError[];
}

interface Verdict {
  readonly state: TraceState;
  /** Given when the rule matched. */
  readonly actions: readonly ResolvedAction[] | undefined;
  /** Given when the rule failed. */
  readonly error: RuleError | undefined;
}

const unmatched: Verdict = { state: TraceState.False, actions: undefined, error: undefined };

function judge(rule: CompiledRule, scope: Scope): Verdict {
  // For so few nodes quicker than `fill`.
  for (let node = 0; node < rule.nodeCount; node++) scope.trace[node] = TraceState.NotReached;
  scope.budget.left = WORK_LIMIT;
  let isMatch: boolean;
  try {
    isMatch = isTruthy(rule.evaluate(scope));
  } catch (error) {
    return failed(rule, error, failedOperation(rule.expression, scope.trace)?.pointer);
  }
  if (!isMatch) return unmatched;
  try {
    return { state: TraceState.True, actions: resolveActions(rule, scope), error: undefined };
  } catch (error) {
    return failed(rule, error);
  }
}

const resolveActions = (
  { definition: { id: ruleId }, actions }: CompiledRule,
  scope: Scope,
): readonly ResolvedAction[] =>
  actions.map(({ actionType, resolve }) => ({ ruleId, actionType, parameters: resolve(scope) }));

function failed({ definition: { id, name } }: CompiledRule, cause: unknown, pointer?: string): Verdict {
  const [code, reason] = reasonOf(cause);
  const described: RuleError = { ruleId: id, ruleName: name, code, message: `${id}: ${reason}` };
  const error = pointer === undefined ? described : { ...described, pointer };
  return { state: TraceState.Error, actions: undefined, error };
}

/** What an unforeseen error says may quote what it stumbled over, and a message is recorded: only its kind is told. */
function reasonOf(error: unknown): [code: string, reason: string] {
  if (error instanceof EvaluationError) return [error.code, error.message];
  const kind = error instanceof Error ? error.name : typeof error;
  return ['internal-error', `The rule made the engine fail (${kind}).`];
}

function conclude(ruleSet: CompiledRuleSet, context: JsonObject, findings: Findings): Decision {
  const { candidates, matchedRules, errors } = findings;
  const { outcome, effects, changes } = settleEffects(findings.actions, context);
  if (errors.length === 0 || ruleSet.failurePolicy === 'fail_open') {
    return { outcome, candidates, matchedRules, effects, changes, errors, blocked: false };
  }
  const blocked = effects.map((effect): Effect => ({ ...effect, status: 'blocked' }));
  return { outcome: 'deny', candidates, matchedRules, effects: blocked, changes: {}, errors, blocked: true };
}
