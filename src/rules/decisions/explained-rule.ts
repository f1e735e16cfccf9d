import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JsonObject } from '../../kernel/json.js';
import { calledFunctions } from '../engine/called-functions.js';
import type { Counterfactual, SharedWork, ValueChange } from '../engine/counterfactual.js';
import { findCounterfactual } from '../engine/counterfactual.js';
import type { RuleError } from '../engine/decide.js';
import type { ExplainedKey, RuleFate, RuleOutcome } from '../engine/explain.js';
import { type ExplainedNode, explainExpression, HIDDEN_VALUE, maskValue } from '../engine/explain-expression.js';
import { observe } from '../engine/explain-observation.js';
import type { RuleFunctions } from '../engine/expression.js';
import type { RuleDefinition } from '../engine/rule.js';
import type { CompiledRule } from '../engine/rule-set.js';
import { decodeTrace } from '../engine/trace.js';
import type { PreparedEntryPoint } from '../entry-points/entry-points.js';
import type { RecordedEffect } from './decision-record.js';
import type { ExecutionView } from './execution-view.js';

/** A recorded decision with what limits telling of it. */
export interface RecordedDecision {
  readonly execution: ExecutionView;
  readonly isErased: boolean;
  /** Its errors as the reader may see them. */
  readonly errors: readonly RuleError[];
  readonly isHidden: (path: string) => boolean;
  /** Absent when it was removed since. */
  readonly entryPoint: PreparedEntryPoint | undefined;
}

/** Why one rule matched or did not. */
export interface ExplainedRule {
  readonly ruleId: string;
  readonly version: number;
  readonly name: string;
  readonly priority: number;
  readonly fate: RuleFate;
  /** Why it was no candidate. */
  readonly key?: ExplainedKey;
  /** Of a rule behind another one: which one ended the decision. */
  readonly stoppedBy?: string;
  /** Of a rule outside of its validity: from when until when it is valid. */
  readonly validity?: { readonly from: string | null; readonly until: string | null };
  /** Why it failed. */
  readonly error?: { readonly code: string; readonly message: string; readonly pointer?: string };
  /** Its operations, of a rule that was evaluated. */
  readonly condition?: readonly ExplainedNode[];
  /** Types of its effects with what became of them. */
  readonly effects?: readonly Pick<RecordedEffect, 'type' | 'status' | 'applied'>[];
  /** Of a rule that did not match: the fewest changes that would have made it match, or why there are none. */
  readonly counterfactual?: Counterfactual;
}

// User functions run where they cannot hold up requests; what comes behind their call is told without values.
const noFunctions: RuleFunctions = new Map();

/** Work that the counterfactuals of one answer may cost together; about half a second. */
const ANSWER_WORK = 200_000;

/** Explains rules of a recorded decision one after the other, and lets requests pass in between. */
export async function explainAll(
  outcomes: readonly RuleOutcome[],
  decision: RecordedDecision,
): Promise<readonly ExplainedRule[]> {
  const work = { left: ANSWER_WORK };
  const explained: ExplainedRule[] = [];
  for (const outcome of outcomes) {
    explained.push(explainRule(outcome, decision, work));
    await nextTurn();
  }
  return explained;
}

/** Explains one rule; what does not apply to it is undefined. */
function explainRule(outcome: RuleOutcome, decision: RecordedDecision, work: SharedWork): ExplainedRule {
  const { definition, rule, fate, trace, key, stoppedBy } = outcome;
  const { id: ruleId, version, name, priority } = definition;
  const { effects } = decision.execution;
  const own = effects.filter((effect) => effect.ruleId === ruleId);
  return {
    ruleId,
    version,
    name,
    priority,
    fate,
    key,
    stoppedBy,
    validity: fate === 'outside_validity' ? validityOf(definition) : undefined,
    error: errorOf(decision.errors.find((one) => one.ruleId === ruleId)),
    condition: rule && trace !== undefined ? conditionOf(rule, trace, decision) : undefined,
    effects: fate === 'matched' ? own.map(({ type, status, applied }) => ({ type, status, applied })) : undefined,
    counterfactual: rule && couldHaveMatched(fate) ? counterfactualOf(rule, decision, work) : undefined,
  };
}

const validityOf = ({ validFrom = null, validUntil = null }: RuleDefinition): ExplainedRule['validity'] => ({
  from: validFrom,
  until: validUntil,
});

const errorOf = (error: RuleError | undefined): ExplainedRule['error'] =>
  error && {
    code: error.code,
    // What stands for a sealed message is no text.
    message: typeof error.message === 'string' ? error.message : HIDDEN_VALUE,
    pointer: error.pointer,
  };

function conditionOf(rule: CompiledRule, trace: string, decision: RecordedDecision): readonly ExplainedNode[] {
  const { context, facts } = decision.execution;
  return explainExpression(rule.expression, {
    states: decodeTrace(trace, rule.nodeCount),
    observation: decision.isErased ? undefined : observe(rule, { context, facts, functions: noFunctions }),
    facts,
    isHidden: decision.isHidden,
  });
}

const couldHaveMatched = (fate: RuleFate): boolean =>
  fate === 'unmatched' || fate === 'failed' || fate === 'not_candidate' || fate === 'not_recorded';

function counterfactualOf(rule: CompiledRule, decision: RecordedDecision, work: SharedWork): Counterfactual {
  const { entryPoint, execution, isErased, isHidden } = decision;
  if (isErased) return undecided('The values that it would start from are erased.');
  if (!entryPoint) return undecided(`The entry point ${execution.entryPoint} is gone, and with it its schema.`);
  if (calledFunctions(rule.expression).length > 0)
    return undecided('The rule calls functions, which are not solved for.');
  if (work.left <= 0)
    return undecided('The rules before this one took all the time there is; ask for this rule alone.');
  const { context, facts } = execution;
  const { schema, check } = entryPoint;
  const question = { rule, context, facts, schema, isValid: (tried: JsonObject) => check(tried).length === 0 };
  const found = findCounterfactual(question, work);
  if (!found.found) return found;
  const changes = found.changes.map(({ path, from, to }): ValueChange => ({
    path,
    ...(from !== undefined && { from: maskValue(from, path, isHidden) }),
    // A constant of the rule may be shown; an object may hold what stood in it before.
    ...(to !== undefined && { to: typeof to === 'object' ? maskValue(to, path, isHidden) : to }),
  }));
  return { found: true, changes };
}

const undecided = (message: string): Counterfactual => ({ found: false, reason: 'undecided', message });
