import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Candidate } from './decide.js';
import { maskValue } from './explain-expression.js';
import { parsePath, readPath } from './paths.js';
import type { RuleDefinition } from './rule.js';
import type { CompiledRule } from './rule-set.js';
import { TraceState } from './trace.js';

/** Why a rule was never evaluated: the index knew that it cannot match. */
export interface ExplainedKey {
  /** The path that the index looked at. */
  readonly path: string;
  /** One of these must stand there for the rule to match. */
  readonly values: readonly JsonValue[];
  /** Where the rule says so: JSON pointer as URI fragment. */
  readonly pointer: string;
  /** What stands there; absent when nothing does. */
  readonly found?: JsonValue;
}

/**
 * What became of a rule. `not_candidate`: the index ruled it out; `after_stop`: a rule before it matched and ended the
 * decision; `not_recorded`: it did not match, and the values to say why are gone.
 */
export type RuleFate =
  | 'matched'
  | 'failed'
  | 'unmatched'
  | 'not_candidate'
  | 'not_recorded'
  | 'outside_validity'
  | 'after_stop'
  | 'disabled';

/** One rule of a decision, before its condition is explained. */
export interface RuleOutcome {
  readonly definition: RuleDefinition;
  /** Absent for a disabled rule, which is not compiled. */
  readonly rule?: CompiledRule;
  readonly fate: RuleFate;
  /** Of rules that were evaluated: the states of its nodes, see trace.ts. */
  readonly trace?: string;
  /** Of `not_candidate`. */
  readonly key?: ExplainedKey;
  /** Of `after_stop`: the rule that ended the decision. */
  readonly stoppedBy?: string;
}

/** What is known of a decision. */
export interface KnownDecision {
  /** Every enabled rule of the revision, in the order of deciding. */
  readonly rules: readonly CompiledRule[];
  /** The revision's rules that are switched off. */
  readonly disabled: readonly RuleDefinition[];
  /** Rules that were evaluated, whether recorded then or found now. */
  readonly candidates: readonly Candidate[];
  /** The decision's clock, milliseconds since 1970. */
  readonly nowMs: number;
  /** Absent when values are gone. */
  readonly context?: JsonObject;
  readonly isHidden: (path: string) => boolean;
}

/** What explains a rule that is no candidate; the index leaves it with the rule. */
type IndexedRule = CompiledRule & { readonly indexKey?: Omit<ExplainedKey, 'found'> };

const evaluatedFates: Partial<Record<TraceState, RuleFate>> = {
  [TraceState.False]: 'unmatched',
  [TraceState.True]: 'matched',
  [TraceState.Error]: 'failed',
};

const order: readonly RuleFate[] = [
  'matched',
  'failed',
  'unmatched',
  'not_candidate',
  'not_recorded',
  'outside_validity',
  'after_stop',
];

/** What became of each rule: those that matched or failed first, each kind in the order of deciding. */
export function ruleOutcomes(decision: KnownDecision): readonly RuleOutcome[] {
  const candidates = new Map(decision.candidates.map((candidate) => [candidate[0], candidate]));
  const stop = decision.rules.findIndex(
    ({ definition: { id, stopOnMatch } }) => stopOnMatch && candidates.get(id)?.[2] === TraceState.True,
  );
  const outcomes = decision.rules.map((rule, position): RuleOutcome => {
    const { definition } = rule;
    const candidate = candidates.get(definition.id);
    if (candidate) return { definition, rule, fate: evaluatedFates[candidate[2]] ?? 'unmatched', trace: candidate[3] };
    const stoppedBy = stop >= 0 && position > stop ? decision.rules[stop]!.definition.id : undefined;
    if (stoppedBy !== undefined) return { definition, rule, fate: 'after_stop', stoppedBy };
    return { definition, rule, ...untouched(rule, decision) };
  });
  const disabled = decision.disabled.map((definition): RuleOutcome => ({ definition, fate: 'disabled' }));
  return [...order.flatMap((fate) => outcomes.filter((outcome) => outcome.fate === fate)), ...disabled];
}

function untouched(rule: IndexedRule, { nowMs, context, isHidden }: KnownDecision): Pick<RuleOutcome, 'fate' | 'key'> {
  if (nowMs < rule.validFromMs || nowMs >= rule.validUntilMs) return { fate: 'outside_validity' };
  const { indexKey } = rule;
  if (!indexKey) return { fate: 'not_recorded' };
  const found = context && readPath(context, parsePath(indexKey.path));
  if (found === undefined) return { fate: 'not_candidate', key: indexKey };
  return { fate: 'not_candidate', key: { ...indexKey, found: maskValue(found, indexKey.path, isHidden) } };
}
