import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../kernel/canonical-json.js';
import type { Decision } from '../engine/decide.js';
import type { Effect } from '../engine/effects.js';
import { findingsOf } from './backtest-findings.js';
import type { ChangedEffect } from './backtest-result.js';

const decisionWith = (effects: readonly Effect[]): Decision => ({
  outcome: 'allow',
  candidates: [],
  matchedRules: [],
  effects,
  changes: {},
  errors: [],
  blocked: false,
});

function changedEffects(before: readonly Effect[], after: readonly Effect[]): readonly ChangedEffect[] {
  const change = { before: decisionWith(before), after: decisionWith(after) };
  const comparison = { before: 'matched', after: 'matched', change } as const;
  return findingsOf({ executionId: 'e', context: {}, comparison }, null).examples[0]!.effects;
}

const effect = (ruleId: string, type: string, value: number): Effect => ({
  ruleId,
  type,
  parameters: { field: 'a', value },
  status: 'effective',
});

it('compares the effects of one rule and one type in their order, wherever they stand among others', () => {
  const before = [effect('a', 'set_field', 1), effect('b', 'set_field', 1), effect('b', 'set_field', 2)];
  const after = [effect('b', 'set_field', 1), effect('b', 'update', 2), effect('b', 'set_field', 3)];
  expect(changedEffects(before, after)).toEqual([
    { ruleId: 'a', type: 'set_field', change: 'removed' },
    { ruleId: 'b', type: 'set_field', change: 'changed' },
    { ruleId: 'b', type: 'update', change: 'added' },
  ]);
});

/** Every effect gets a name, its rule, its type and its number among those; then names are compared. */
function changedByName(before: readonly Effect[], after: readonly Effect[]): string[] {
  const named = (effects: readonly Effect[]): Map<string, Effect> => {
    const names = effects.map(({ ruleId, type }) => `${ruleId} ${type}`);
    const numberAt = (index: number): number => names.slice(0, index).filter((name) => name === names[index]).length;
    return new Map(effects.map((one, index) => [`${names[index]!} ${numberAt(index)}`, one]));
  };
  const [old, now] = [named(before), named(after)];
  const told = [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const [one, other] = [old.get(name), now.get(name)];
    const { ruleId, type } = (one ?? other)!;
    if (one && other) {
      return canonicalJson(one) === canonicalJson(other) ? [] : [{ ruleId, type, change: 'changed' }];
    }
    return [{ ruleId, type, change: one ? 'removed' : 'added' }];
  });
  return told.map((one) => canonicalJson(one)).sort();
}

it('finds what comparing by names finds', () => {
  const effects = fc.array(
    fc
      .tuple(fc.constantFrom('a', 'b'), fc.constantFrom('set_field', 'update'), fc.nat(1))
      .map(([ruleId, type, value]) => effect(ruleId, type, value)),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(effects, effects, (before, after) => {
      const found = changedEffects(before, after).map((one) => canonicalJson(one));
      expect(found.sort()).toEqual(changedByName(before, after));
    }),
  );
});
