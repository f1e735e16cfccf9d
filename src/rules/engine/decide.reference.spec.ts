import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../../../test/support/property-runs.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { createActionRegistry } from './action-types.js';
import { decide } from './decide.js';
import type { Facts } from './facts.js';
import type { RuleAction, RuleDefinition } from './rule.js';
import { compileRuleSet } from './rule-set.js';
import type { FailurePolicy } from './rule-set.js';

const facts: Facts = {
  now: '2026-03-01T00:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: 'sales', permissions: [] },
};

// The semantics of the specification once more, as plainly as can be: an interpreter, no closures, no trace.

type Lazy = (position: number) => JsonValue;

function numbers(at: Lazy): readonly [number, number] {
  const pair = [Number(at(0)), Number(at(1))] as const;
  if (pair.some(Number.isNaN)) throw new Error('NaN');
  return pair;
}

function divide(a: number, b: number): number {
  if (b === 0) throw new Error('NaN');
  return a / b;
}

const operators = new Map<string, (at: Lazy) => JsonValue>([
  ['and', (at) => (at(0) ? at(1) : at(0))],
  ['or', (at) => (at(0) ? at(0) : at(1))],
  ['!', (at) => !at(0)],
  ['===', (at) => at(0) === at(1)],
  ['>', (at) => numbers(at)[0] > numbers(at)[1]],
  ['/', (at) => divide(...numbers(at))],
]);

function interpret(logic: JsonValue, context: JsonObject): JsonValue {
  if (typeof logic !== 'object' || logic === null) return logic;
  const [[name, args] = ['', null]] = Object.entries(logic as JsonObject);
  if (name === 'var') return context[args as string] ?? null;
  return operators.get(name)?.((i) => interpret((args as JsonValue[])[i] ?? null, context)) ?? null;
}

function interpretFields(conditions: readonly JsonObject[], context: JsonObject): boolean {
  const groups: JsonObject[][] = [[]];
  for (const [i, one] of conditions.entries()) {
    if (i > 0 && one.logicalOperator === 'OR') groups.push([]);
    groups.at(-1)?.push(one);
  }
  const holds = ({ field: path, operator, value }: JsonObject): boolean => {
    const found = context[path as string];
    if (found === undefined) throw new Error('missing');
    return (found === value) === (operator === 'equals');
  };
  return groups.some((group) => group.every(holds));
}

const isInForce = ({ enabled, validFrom, validUntil }: RuleDefinition): boolean =>
  enabled && (validFrom ?? '') <= facts.now && facts.now < (validUntil ?? '9');

const targetOf = ({ parameters }: RuleAction): string => parameters.field as string;

function isMatch({ condition, conditions, actions }: RuleDefinition, context: JsonObject): boolean {
  const isTrue = conditions
    ? interpretFields(conditions as JsonObject[], context)
    : interpret(condition ?? null, context);
  if (!isTrue) return false;
  const adjusted = actions.filter(({ type }) => type === 'adjust_field').map((one) => context[targetOf(one)] ?? 0);
  if (adjusted.some((value) => typeof value !== 'number')) throw new Error('no number');
  return true;
}

function settle(actions: readonly RuleAction[], context: JsonObject) {
  const changes: Record<string, JsonValue> = {};
  for (const one of actions.filter(({ type }) => type === 'set_field')) {
    if (!(targetOf(one) in changes)) changes[targetOf(one)] = one.parameters.value ?? null;
  }
  for (const one of actions.filter(({ type }) => type === 'adjust_field')) {
    const base = changes[targetOf(one)] ?? context[targetOf(one)] ?? 0;
    if (typeof base === 'number') changes[targetOf(one)] = Math.round((base + Number(one.parameters.by)) * 1e6) / 1e6;
  }
  return { changes, outcome: actions.find(({ type }) => type === 'set_outcome')?.parameters.outcome ?? 'allow' };
}

function reference(rules: readonly RuleDefinition[], context: JsonObject, policy: FailurePolicy) {
  const byOrder = (a: RuleDefinition, b: RuleDefinition) =>
    b.priority - a.priority || Date.parse(a.createdAt) - Date.parse(b.createdAt) || (a.id < b.id ? -1 : 1);
  const matched: RuleDefinition[] = [];
  const failed: string[] = [];
  for (const rule of rules.filter(isInForce).sort(byOrder)) {
    try {
      if (!isMatch(rule, context)) continue;
      matched.push(rule);
      if (rule.stopOnMatch) break;
    } catch {
      failed.push(rule.id);
    }
  }
  const blocked = policy === 'fail_closed' && failed.length > 0;
  const actions = matched.flatMap((rule) => rule.actions);
  const settled = blocked ? { outcome: 'deny', changes: {} } : settle(actions, context);
  return { ...settled, matchedRules: matched.map(({ id }) => id), failed, blocked };
}

const field = fc.constantFrom('a', 'b', 'c');
const scalar = fc.constantFrom<JsonValue>(0, 1, 2, 'x', '1', true);
const { logic } = fc.letrec<{ logic: JsonValue }>((tie) => ({
  logic: fc.oneof(
    { maxDepth: 4 },
    field.map((name) => ({ var: name })),
    fc.tuple(field, scalar).map(([name, value]) => ({ '===': [{ var: name }, value] })),
    fc.tuple(field, fc.constantFrom(0, 1)).map(([name, value]) => ({ '>': [{ var: name }, value] })),
    fc.tuple(field, field).map(([a, b]) => ({ '/': [{ var: a }, { var: b }] })),
    fc.tuple(fc.constantFrom('and', 'or'), tie('logic'), tie('logic')).map(([name, a, b]) => ({ [name]: [a, b] })),
    tie('logic').map((inner) => ({ '!': [inner] })),
  ),
}));
const fieldForm = fc.array(
  fc.record({
    field,
    operator: fc.constantFrom('equals', 'not_equals'),
    value: scalar,
    logicalOperator: fc.constantFrom('AND', 'OR'),
  }),
  { minLength: 1, maxLength: 4 },
);
const action: fc.Arbitrary<RuleAction> = fc.oneof(
  fc.record({ type: fc.constant('set_field'), parameters: fc.record({ field, value: scalar }) }),
  fc.record({
    type: fc.constant('adjust_field'),
    parameters: fc.record({ field, by: fc.constantFrom(0.1, 0.2, -3, 10.55) }),
  }),
  fc.record({
    type: fc.constant('set_outcome'),
    parameters: fc.record({ outcome: fc.constantFrom('deny', 'review') }),
  }),
);
const date = fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z');
const rule: fc.Arbitrary<RuleDefinition> = fc.record(
  {
    id: fc.constant(''),
    version: fc.constant(1),
    name: fc.constant('rule'),
    priority: fc.integer({ min: 0, max: 2 }),
    createdAt: date,
    enabled: fc.nat(9).map((n) => n > 0),
    stopOnMatch: fc.nat(9).map((n) => n === 0),
    validFrom: fc.oneof(date, fc.constant(null)),
    validUntil: fc.oneof(date, fc.constant(null)),
    condition: logic,
    conditions: fieldForm,
    actions: fc.array(action, { minLength: 1, maxLength: 3 }),
  },
  {
    requiredKeys: ['id', 'version', 'name', 'priority', 'createdAt', 'enabled', 'stopOnMatch', 'condition', 'actions'],
  },
);
const rules = fc.array(rule, { maxLength: 8 }).map((list) =>
  list.map(({ condition, ...rest }, i): RuleDefinition => ({
    ...rest,
    id: `r${(i * 5) % 8}`,
    ...(rest.conditions === undefined && { condition }),
  })),
);
const context = fc.dictionary(field, scalar) as fc.Arbitrary<JsonObject>;

it('decides as the plain reference does, and the same way twice', () => {
  const actionTypes = createActionRegistry();
  let matches = 0;
  let failures = 0;
  fc.assert(
    fc.property(
      rules,
      context,
      fc.constantFrom<FailurePolicy>('fail_open', 'fail_closed'),
      (list, data, failurePolicy) => {
        const ruleSet = compileRuleSet(list, { actionTypes, failurePolicy });
        const decision = decide(ruleSet, data, facts);
        const { outcome, changes, matchedRules, errors, blocked } = decision;
        const failed = errors.map(({ ruleId }) => ruleId);
        expect({ outcome, changes, matchedRules, failed, blocked }).toEqual(reference(list, data, failurePolicy));
        expect(canonicalJson(decide(ruleSet, structuredClone(data), facts))).toBe(canonicalJson(decision));
        matches += matchedRules.length;
        failures += failed.length;
      },
    ),
    { numRuns: propertyRuns(1_500) },
  );
  expect(matches).toBeGreaterThan(propertyRuns(500));
  expect(failures).toBeGreaterThan(propertyRuns(500));
});
