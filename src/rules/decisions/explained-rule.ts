import type { Counterfactual, ValueChange } from '../engine/counterfactual.js';
import { findCounterfactual } from '../engine/counterfactual.js';
import type { RuleError } from '../engine/decide.js';
import type { ExplainedKey, RuleFate, RuleOutcome } from '../engine/explain.js';
import { type ExplainedNode, explainExpression, maskValue } from '../engine/explain-expression.js';
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

/** Explains one rule of a recorded decision; what does not apply to it is undefined. */
export function explainRule(outcome: RuleOutcome, decision: RecordedDecision): ExplainedRule {
  const { definition, rule, fate, trace, key, stoppedBy } = outcome;
  const { id: ruleId, version, name, priority } = definition;
  const { errors, effects } = decision.execution;
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
    error: errorOf(errors.find((one) => one.ruleId === ruleId)),
    condition: rule && trace !== undefined ? conditionOf(rule, trace, decision) : undefined,
    effects: fate === 'matched' ? own.map(({ type, status, applied }) => ({ type, status, applied })) : undefined,
    counterfactual: rule && couldHaveMatched(fate) ? counterfactualOf(rule, decision) : undefined,
  };
}

const validityOf = ({ validFrom = null, validUntil = null }: RuleDefinition): ExplainedRule['validity'] => ({
  from: validFrom,
  until: validUntil,
});

const errorOf = (error: RuleError | undefined): ExplainedRule['error'] =>
  error && { code: error.code, message: error.message, pointer: error.pointer };

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

function counterfactualOf(rule: CompiledRule, decision: RecordedDecision): Counterfactual {
  const { entryPoint, execution, isErased, isHidden } = decision;
  if (isErased) return undecided('The values that it would start from are erased.');
  if (!entryPoint) return undecided(`The entry point ${execution.entryPoint} is gone, and with it its schema.`);
  const { context, facts } = execution;
  const { schema, check } = entryPoint;
  const found = findCounterfactual({ rule, context, facts, schema, isValid: (tried) => check(tried).length === 0 });
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
