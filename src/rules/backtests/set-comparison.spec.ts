import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../kernel/canonical-json.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { createActionRegistry } from '../engine/action-types.js';
import { decide } from '../engine/decide.js';
import type { Facts } from '../engine/facts.js';
import type { PortableRuleSet } from '../engine/portable-rule-set.js';
import type { RuleDefinition } from '../engine/rule.js';
import { compileRuleSet } from '../engine/rule-set.js';
import { findingsOf } from './backtest-findings.js';
import {
  addResults,
  type BacktestResult,
  emptyResult,
  MAX_EXAMPLES,
  MAX_SEGMENTS,
  OTHER_VALUES,
} from './backtest-result.js';
import { SetComparer } from './set-comparison.js';

const EDITS = 50;
const facts: Facts = {
  now: '2026-03-01T00:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: 'sales', permissions: [] },
};

const scalar = fc.constantFrom<JsonValue>(0, 1, 2, 'x', null);
const field = fc.constantFrom('a', 'b', 'c');
const condition = fc.oneof(
  fc.tuple(field, scalar).map(([path, value]): JsonValue => ({ '===': [{ var: path }, value] })),
  fc.tuple(field, fc.nat(2)).map(([path, least]): JsonValue => ({ '>': [{ var: path }, least] })),
  fc.tuple(field, field).map(([path, other]): JsonValue => ({ '/': [{ var: path }, { var: other }] })),
  fc.boolean(),
);
const action = fc.oneof(
  fc.record({ type: fc.constant('set_field'), parameters: fc.record({ field, value: fc.constantFrom('{{a}}', 1) }) }),
  fc.record({ type: fc.constant('adjust_field'), parameters: fc.record({ field, by: fc.nat(3) }) }),
  fc.record({
    type: fc.constant('set_outcome'),
    parameters: fc.record({ outcome: fc.constantFrom('deny', 'review') }),
  }),
);
const rule = (id: fc.Arbitrary<string>): fc.Arbitrary<RuleDefinition> =>
  fc.record({
    id,
    version: fc.constant(1),
    name: fc.constant('Rule'),
    priority: fc.nat(2),
    createdAt: fc.constant('2026-01-01T00:00:00.000Z'),
    enabled: fc.nat(9).map((one) => one > 0),
    stopOnMatch: fc.nat(4).map((one) => one === 0),
    validUntil: fc.constantFrom(null, null, '2026-02-01T00:00:00.000Z'),
    condition,
    actions: fc.array(action, { minLength: 1, maxLength: 2 }),
  });
const others = fc.uniqueArray(rule(fc.constantFrom('r1', 'r2', 'r3', 'r4')), { selector: ({ id }) => id });
const contexts = fc.array(fc.dictionary(field, scalar), { minLength: 40, maxLength: 40 });
const policy = fc.constantFrom('fail_open' as const, 'fail_closed' as const);

const actionTypes = createActionRegistry();
const toldBy = ({ rules, failurePolicy }: PortableRuleSet) => {
  const compiled = compileRuleSet(rules, { actionTypes, failurePolicy });
  return (context: JsonObject): string => {
    const { outcome, blocked, effects } = decide(compiled, context, facts);
    return canonicalJson({ outcome, blocked, effects });
  };
};

it('finds the decisions that change as deciding by both whole sets does, for generated edits', () => {
  let changes = 0;
  fc.assert(
    fc.property(others, fc.option(rule(fc.constant('r'))), rule(fc.constant('r')), contexts, policy, (...generated) => {
      const [rules, live, draft, given, failurePolicy] = generated;
      const set = (own: RuleDefinition | null): PortableRuleSet => ({
        rules: own ? [...rules, own] : rules,
        actionTypes: [],
        functions: [],
        failurePolicy,
      });
      const comparer = new SetComparer(set(live), draft);
      const found = given.filter((context) => comparer.compare(context, facts).change !== undefined);
      const [before, after] = [toldBy(set(live)), toldBy(set(draft))];
      expect(found).toEqual(given.filter((context) => before(context) !== after(context)));
      const same = new SetComparer(set(draft), draft);
      expect(given.filter((context) => same.compare(context, facts).change !== undefined)).toEqual([]);
      changes += found.length;
    }),
    { numRuns: EDITS },
  );
  expect(changes).toBeGreaterThan(EDITS);
});

it('adds up what was found in parts as in one, and stays bounded', () => {
  const before: RuleDefinition = {
    id: 'r',
    version: 1,
    name: 'Rule',
    priority: 0,
    createdAt: '2026-01-01T00:00:00.000Z',
    enabled: true,
    stopOnMatch: false,
    condition: { '>': [{ var: 'a' }, 50] },
    actions: [{ type: 'set_outcome', parameters: { outcome: 'deny' } }],
  };
  const set = (rules: readonly RuleDefinition[]): PortableRuleSet => ({
    rules,
    actionTypes: [],
    functions: [],
    failurePolicy: 'fail_open',
  });
  const comparer = new SetComparer(set([before]), { ...before, condition: { '>': [{ var: 'a' }, 150] } });
  const parts = Array.from({ length: 200 }, (_, a): BacktestResult => {
    const context = { a };
    return findingsOf({ executionId: `e${a}`, context, comparison: comparer.compare(context, facts) }, 'a');
  });
  const halves = [parts.slice(0, 70), parts.slice(70)].map((half) => half.reduce(addResults, emptyResult));
  const whole = parts.reduce(addResults, emptyResult);
  expect(halves.reduce(addResults)).toEqual(whole);
  expect(whole).toMatchObject({
    decisions: 200,
    changed: 100,
    matched: { before: 149, after: 49 },
    byOutcome: [{ before: 'deny', after: 'allow', decisions: 100 }],
    byRule: [{ ruleId: 'r', changed: 100 }],
  });
  expect(whole.examples).toHaveLength(MAX_EXAMPLES);
  expect(whole.examples[0]).toEqual({
    executionId: 'e51',
    outcome: { before: 'deny', after: 'allow' },
    matching: [],
    notMatching: ['r'],
    effects: [{ ruleId: 'r', type: 'set_outcome', change: 'removed' }],
  });
  expect(whole.byField).toHaveLength(MAX_SEGMENTS + 1);
  expect(whole.byField.at(-1)).toEqual({ value: OTHER_VALUES, decisions: 100, changed: 51 });
});
