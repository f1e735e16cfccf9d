import { canonicalJson } from '../../kernel/canonical-json.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Decision } from '../engine/decide.js';
import type { Effect } from '../engine/effects.js';
import { parsePath, readPath } from '../engine/paths.js';
import { isSame } from '../engine/values.js';
import type { BacktestResult, ChangedDecision, ChangedEffect } from './backtest-result.js';
import type { SetComparison } from './set-comparison.js';

/** Most characters of a value that names a segment. */
const MAX_VALUE_LENGTH = 100;

/** One decision of a back-test. */
export interface ComparedDecision {
  readonly executionId: string;
  readonly context: JsonObject;
  readonly comparison: SetComparison;
}

/** What one decision adds to a result; `segmentPath` is the chosen path, null for none. */
export function findingsOf(
  { executionId, context, comparison }: ComparedDecision,
  segmentPath: string | null,
): BacktestResult {
  const { before, after, change } = comparison;
  const example = change && changedDecision(executionId, change.before, change.after);
  const changed = Number(example !== undefined);
  return {
    decisions: 1,
    changed,
    erased: 0,
    matched: { before: Number(before === 'matched'), after: Number(after === 'matched') },
    failed: { before: Number(before === 'failed'), after: Number(after === 'failed') },
    byOutcome: example ? [{ ...example.outcome, decisions: 1 }] : [],
    byRule: example ? rulesOf(example).map((ruleId) => ({ ruleId, changed: 1 })) : [],
    byField: segmentPath === null ? [] : [{ value: valueText(context, segmentPath), decisions: 1, changed }],
    examples: example ? [example] : [],
  };
}

function valueText(context: JsonObject, path: string): string {
  const text = canonicalJson(readPath(context, parsePath(path)) ?? null);
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH).toWellFormed()}…`;
}

const rulesOf = ({ effects }: ChangedDecision): string[] => [...new Set(effects.map(({ ruleId }) => ruleId))];

function changedDecision(executionId: string, before: Decision, after: Decision): ChangedDecision {
  const without = (rules: readonly string[], others: readonly string[]): readonly string[] =>
    rules.filter((rule) => !others.includes(rule));
  return {
    executionId,
    outcome: { before: before.outcome, after: after.outcome },
    matching: without(after.matchedRules, before.matchedRules),
    notMatching: without(before.matchedRules, after.matchedRules),
    effects: changedEffects(before.effects, after.effects),
  };
}

/** Effects have no names: those of one rule and one type are compared in their order. */
function changedEffects(before: readonly Effect[], after: readonly Effect[]): readonly ChangedEffect[] {
  const unpaired = [...after];
  const changes = before.flatMap((effect): ChangedEffect[] => {
    const index = unpaired.findIndex(({ ruleId, type }) => ruleId === effect.ruleId && type === effect.type);
    if (index === -1) return [told(effect, 'removed')];
    const [other] = unpaired.splice(index, 1);
    return isSameEffect(effect, other!) ? [] : [told(effect, 'changed')];
  });
  return [...changes, ...unpaired.map((effect) => told(effect, 'added'))];
}

const isSameEffect = (one: Effect, other: Effect): boolean =>
  isSame(one as unknown as JsonValue, other as unknown as JsonValue);

const told = ({ ruleId, type }: Effect, change: ChangedEffect['change']): ChangedEffect => ({ ruleId, type, change });
