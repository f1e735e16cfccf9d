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
  const same = sameAtFirst(before, after);
  const [old, now] = [numbered(before.slice(same)), numbered(after.slice(same))];
  const keys = new Set([...old.keys(), ...now.keys()]);
  return [...keys].flatMap((key): ChangedEffect[] => {
    const [one, other] = [old.get(key), now.get(key)];
    if (one && other) return isSameEffect(one, other) ? [] : [told(other, 'changed')];
    return one ? [told(one, 'removed')] : [told(other!, 'added')];
  });
}

/** How many are the same on both sides before the first that differs. */
function sameAtFirst(before: readonly Effect[], after: readonly Effect[]): number {
  const differs = before.findIndex((effect, index) => !after[index] || !isSameEffect(effect, after[index]));
  return differs === -1 ? before.length : differs;
}

const isSameEffect = (one: Effect, other: Effect): boolean =>
  isSame(one as unknown as JsonValue, other as unknown as JsonValue);

const told = ({ ruleId, type }: Effect, change: ChangedEffect['change']): ChangedEffect => ({ ruleId, type, change });

function numbered(effects: readonly Effect[]): Map<string, Effect> {
  const counts = new Map<string, number>();
  return new Map(
    effects.map((effect) => {
      const name = `${effect.ruleId} ${effect.type}`;
      const number = counts.get(name) ?? 0;
      counts.set(name, number + 1);
      return [`${name} ${number}`, effect];
    }),
  );
}
