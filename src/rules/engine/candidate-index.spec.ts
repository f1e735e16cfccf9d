import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../../../test/support/property-runs.js';
import { isObject } from '../../kernel/json.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { createActionRegistry } from './action-types.js';
import { decide } from './decide.js';
import type { Decision } from './decide.js';
import type { Facts } from './facts.js';
import type { RuleAction, RuleDefinition } from './rule.js';
import { compileRuleSet } from './rule-set.js';
import type { FailurePolicy } from './rule-set.js';
import { jsonTypeOf } from './schema-path.js';

const facts: Facts = {
  now: '2026-03-01T00:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: 'sales', permissions: [] },
};

const HOSTILE = ['constructor', '__proto__', 'toString'];
const NAMES = ['a', 'b', ...HOSTILE];
const PATHS = [...NAMES, 'n.a', 'n.toString', 'n.__proto__'];

/** An object with own members only, whatever their names. */
const objectOf = (entries: readonly (readonly [string, JsonValue])[]): JsonObject => Object.fromEntries(entries);

// Schemas: each leaf has one type, one or null, two, a fixed list, or anything; and may be required.

const leafSchema = fc.constantFrom<JsonObject>(
  { type: 'string' },
  { type: 'string' },
  { type: 'string' },
  { type: 'number' },
  { type: 'integer' },
  { type: 'boolean' },
  { type: ['string', 'null'] },
  { type: ['number', 'null'] },
  { type: ['string', 'number'] },
  { enum: ['x', '1', null] },
  { anyOf: [{ type: 'string' }] },
  {},
);
const objectSchema = (names: readonly string[], nested: Readonly<Record<string, JsonObject>> = {}) =>
  fc
    .tuple(
      fc.array(leafSchema, { minLength: names.length, maxLength: names.length }),
      fc.subarray([...names, ...Object.keys(nested)]),
    )
    .map(([leaves, required]): JsonObject => {
      const properties = objectOf(names.map((name, i) => [name, leaves[i] ?? {}]));
      return {
        type: 'object',
        properties: objectOf([...Object.entries(properties), ...Object.entries(nested)]),
        required,
      };
    });
const schema = objectSchema(['a', 'toString', '__proto__']).chain((n) => objectSchema(NAMES, { n }));

/** The part of JSON Schema that is used above, once more and plainly. */
function fits(value: JsonValue, schema: JsonObject): boolean {
  if (!isOfType(value, schema) || (Array.isArray(schema.enum) && !schema.enum.includes(value))) return false;
  if (!isObject(value)) return true;
  const { properties, required } = schema as { properties: Record<string, JsonObject>; required: string[] };
  const isComplete = required.every((name) => Object.hasOwn(value, name));
  const inner = Object.entries(properties).filter(([name]) => Object.hasOwn(value, name));
  return isComplete && inner.every(([name, one]) => fits(value[name] as JsonValue, one));
}

function isOfType(value: JsonValue, { type }: JsonObject): boolean {
  if (type === undefined) return true;
  const types = [type].flat() as JsonValue[];
  return types.includes(jsonTypeOf(value)) || (types.includes('integer') && Number.isInteger(value));
}

const SCALARS = ['x', '', '1', 'constructor', '__proto__', 0, 1, true, false, null];
const scalar = fc.constantFrom<JsonValue>(...SCALARS);

/** A context of the schema; three bits of `choices` say of each leaf whether it is there and what it holds. */
function contextOf({ properties, required }: JsonObject, choices: number, at = 0): JsonObject {
  const leaves = Object.entries(properties as Record<string, JsonObject>);
  const entries = leaves.flatMap(([name, inner], i): [string, JsonValue][] => {
    const choice = (choices >> (3 * (at + i))) & 7;
    if (!(required as string[]).includes(name) && choice % 4 === 0) return [];
    if (inner.properties) return [[name, contextOf(inner, choices, at + i + 1)]];
    const allowed = inner.anyOf ? ['x', '1'] : SCALARS.filter((value) => fits(value, inner));
    return [[name, allowed[choice % allowed.length] ?? null]];
  });
  return objectOf(entries);
}

const path = fc.constantFrom(...PATHS);
const read = fc.oneof(
  { weight: 5, arbitrary: path.map((name): JsonValue => ({ var: name })) },
  path.map((name): JsonValue => ({ val: name.split('.') })),
  fc.tuple(path, scalar).map(([name, fallback]): JsonValue => ({ var: [name, fallback] })),
);
const equality = fc.constantFrom('==', '===');
const members = fc.oneof(
  fc.subarray(['x', '', '1', 'constructor', '__proto__']),
  fc.subarray([0, 1]),
  fc.array(scalar, { maxLength: 3 }),
);
const { logic } = fc.letrec<{ logic: JsonValue }>((tie) => ({
  logic: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    {
      weight: 6,
      arbitrary: fc.tuple(equality, read, scalar).map(([name, left, value]) => ({ [name]: [left, value] })),
    },
    { weight: 2, arbitrary: fc.tuple(read, members).map(([left, list]) => ({ in: [left, list] })) },
    fc.tuple(equality, read, scalar).map(([name, left, value]) => ({ [name]: [value, left] })),
    fc.tuple(fc.constantFrom('>', '!=', '<='), read, scalar).map(([name, left, value]) => ({ [name]: [left, value] })),
    fc.tuple(read, read).map(([left, right]) => ({ '/': [left, right] })),
    fc.tuple(read, scalar).map(([left, value]) => ({ throw: { if: [left, value] } })),
    read,
    { weight: 3, arbitrary: fc.tuple(tie('logic'), tie('logic')).map((args) => ({ and: args })) },
    fc.tuple(tie('logic'), tie('logic'), tie('logic')).map((args) => ({ and: args })),
    fc.tuple(tie('logic'), tie('logic')).map((args) => ({ or: args })),
    tie('logic').map((inner) => ({ '!': [inner] })),
  ),
}));
const fieldCondition = fc.tuple(
  path,
  fc.oneof(
    { weight: 3, arbitrary: scalar.map((value) => ['equals', value] as const) },
    members.map((value) => ['in', value] as const),
    scalar.map((value) => ['not_equals', value] as const),
    fc.tuple(fc.constantFrom('greater_than', 'contains'), scalar),
    fc.constant(['starts_with', 'x'] as const),
    fc.constant(['exists', true] as const),
  ),
  fc.constantFrom('AND', 'AND', 'OR'),
);
const conditions = fc
  .array(fieldCondition, { minLength: 1, maxLength: 3 })
  .map((list) =>
    list.map(([field, [operator, value], logicalOperator]) => ({ field, operator, value, logicalOperator })),
  );
const action = fc.oneof(
  fc.tuple(path, scalar).map(([field, value]): RuleAction => ({ type: 'set_field', parameters: { field, value } })),
  path.map((field): RuleAction => ({ type: 'adjust_field', parameters: { field, by: 0.1 } })),
  path.map((field): RuleAction => ({ type: 'set_field', parameters: { field: 'b', value: `{{${field}}}` } })),
  fc.constant<RuleAction>({ type: 'set_outcome', parameters: { outcome: 'review' } }),
);
const date = fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z');
const rule = fc
  .tuple(
    fc.oneof(
      logic.map((condition) => ({ condition })),
      conditions.map((list) => ({ conditions: list })),
    ),
    fc.record({
      priority: fc.nat(1),
      createdAt: date,
      enabled: fc.nat(9).map((n) => n > 0),
      stopOnMatch: fc.nat(7).map((n) => n === 0),
      validFrom: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, date),
      validUntil: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, date),
    }),
    action,
  )
  .map(([form, rest, one]) => ({ version: 1, name: 'rule', ...rest, ...form, actions: [one] }));
const rules = fc
  .array(rule, { minLength: 1, maxLength: 6 })
  .map((list) => list.map((one, i): RuleDefinition => ({ ...one, id: `r${(i * 5) % 6}` })));

/** All that a decision says but for the rules that were looked at, byte for byte. */
const answerOf = ({ candidates: _, ...answer }: Decision): string => JSON.stringify(answer);

const CONTEXTS_PER_SET = 24;
const SETS = 4_200;

it('nothing but speed tells whether there is an index', () => {
  const actionTypes = createActionRegistry();
  const choices = fc.array(fc.nat(2 ** 27 - 1), { minLength: CONTEXTS_PER_SET, maxLength: CONTEXTS_PER_SET });
  const count = { pairs: 0, evaluated: 0, leftOut: 0, matched: 0, failed: 0 };
  const policy = fc.constantFrom<FailurePolicy>('fail_open', 'fail_closed');
  fc.assert(
    fc.property(schema, rules, choices, policy, (shape, definitions, chosen, failurePolicy) => {
      const plain = compileRuleSet(definitions, { actionTypes, failurePolicy });
      const indexed = compileRuleSet(definitions, { actionTypes, failurePolicy, schema: shape });
      for (const number of chosen) {
        const context = contextOf(shape, number);
        if (!fits(context, shape)) throw new Error('The context does not fit the schema.');
        const expected = decide(plain, context, facts);
        const decision = decide(indexed, context, facts);
        if (answerOf(decision) !== answerOf(expected))
          expect({ context, decision }).toEqual({ context, decision: expected });
        const looked = new Set(decision.candidates.map(([id]) => id));
        const same = expected.candidates.filter(([id]) => looked.has(id));
        if (JSON.stringify(same) !== JSON.stringify(decision.candidates)) expect(decision.candidates).toEqual(same);
        count.pairs++;
        count.evaluated += looked.size;
        count.leftOut += expected.candidates.length - looked.size;
        count.matched += expected.matchedRules.length;
        count.failed += expected.errors.length;
      }
    }),
    { numRuns: propertyRuns(SETS) },
  );
  expect(count.pairs).toBeGreaterThanOrEqual(propertyRuns(100_000));
  expect(count.leftOut).toBeGreaterThan(propertyRuns(15_000));
  expect(count.matched).toBeGreaterThan(propertyRuns(30_000));
  expect(count.failed).toBeGreaterThan(propertyRuns(30_000));
});
