import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../src/kernel/json.js';
import type { Facts } from '../../src/rules/engine/facts.js';

/** Facts that tests decide with. */
export const facts: Facts = {
  now: '2026-03-01T00:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: 'sales', permissions: ['leads:read'] },
};

/** A schema of few values, so that a plain loop can go through all contexts that it lets stand. */
export const smallSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['kind'],
  properties: {
    kind: { enum: [0, 1, 'x', '1', true, null, ''] },
    count: { type: 'integer', minimum: 0, maximum: 3 },
    company: {
      type: 'object',
      additionalProperties: false,
      required: ['size'],
      properties: {
        size: { type: 'string', enum: ['small', 'large'] },
        tier: { type: 'integer', minimum: 0, maximum: 2 },
      },
    },
  },
};

/** Every context that `smallSchema` lets stand. */
export const smallContexts: readonly JsonObject[] = [0, 1, 'x', '1', true, null, ''].flatMap((kind) =>
  [undefined, 0, 1, 2, 3].flatMap((count) =>
    [undefined, 'small', 'large'].flatMap((size) =>
      (size === undefined ? [undefined] : [undefined, 0, 1, 2]).map((tier): JsonObject => ({
        kind,
        ...(count !== undefined && { count }),
        ...(size !== undefined && { company: { size, ...(tier !== undefined && { tier }) } }),
      })),
    ),
  ),
);

const path = fc.constantFrom('kind', 'count', 'company.size', 'company.tier');
const scalar = fc.constantFrom<JsonValue>(-1, 0, 1, 1.5, 2, 3, 'x', '1', 'small', 'large', '', true, false, null);
const comparison = fc.constantFrom('==', '===', '!=', '!==', '<', '<=', '>', '>=');
const read = path.map((name): JsonValue => ({ var: name }));
const keysRead = path.map((name): JsonValue => ({ val: name.split('.') }));

/** JSONLogic that the solver takes apart. */
const decidable: fc.Arbitrary<JsonValue> = fc.oneof(
  read,
  keysRead,
  fc.tuple(path, scalar).map(([name, fallback]) => ({ var: [name, fallback] })),
  fc.tuple(comparison, read, scalar).map(([operator, left, value]) => ({ [operator]: [left, value] })),
  fc.tuple(comparison, keysRead, scalar).map(([operator, right, value]) => ({ [operator]: [value, right] })),
  fc.tuple(read, fc.nat(2), fc.nat(3)).map(([middle, low, more]) => ({ '<=': [low, middle, low + more] })),
  fc.tuple(read, fc.array(scalar, { maxLength: 3 })).map(([left, members]) => ({ in: [left, members] })),
  fc.tuple(fc.constantFrom('s', 'l', 'x'), read).map(([needle, right]) => ({ in: [needle, right] })),
  path.map((name) => ({ exists: name.split('.') })),
  fc.array(path, { minLength: 1, maxLength: 2 }).map((paths) => ({ missing: paths })),
  fc.constantFrom('sales', 'admin').map((role) => ({ '===': [{ var: '$user.role' }, role] })),
);

/** JSONLogic that it can only try values for. */
const opaque = fc.oneof(
  fc.tuple(comparison, read, read).map(([operator, left, right]) => ({ [operator]: [left, right] })),
  fc.tuple(read, read, fc.nat(5)).map(([left, right, sum]) => ({ '>': [{ '+': [left, right] }, sum] })),
  fc.tuple(read, scalar).map(([left, value]) => ({ '===': [{ '??': [left, 1] }, value] })),
  read.map((left) => ({ '===': [{ cat: [left, '!'] }, 'large!'] })),
  fc.tuple(read, fc.nat(2)).map(([left, rest]) => ({ '===': [{ '%': [left, 3] }, rest] })),
  fc.tuple(read, read).map(([first, second]) => ({ some: [{ merge: [first, second] }, { '===': [{ var: '' }, 2] }] })),
  fc.tuple(read, fc.boolean()).map(([left, otherwise]) => ({ try: [{ '>': [{ '*': [left, 1] }, 1] }, otherwise] })),
) as fc.Arbitrary<JsonValue>;

const tree = (atoms: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> =>
  fc.letrec<{ logic: JsonValue }>((tie) => ({
    logic: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { arbitrary: atoms, weight: 3 },
      fc
        .tuple(fc.constantFrom('and', 'or', 'if'), fc.array(tie('logic'), { minLength: 2, maxLength: 4 }))
        .map(([operator, parts]) => ({ [operator]: parts })),
      fc.tuple(fc.constantFrom('!', '!!'), tie('logic')).map(([operator, part]) => ({ [operator]: [part] })),
    ),
  })).logic;

/** Conditions over `smallSchema` of the forms that the solver claims to decide. */
export const decidableLogic = tree(decidable);
/** Conditions over `smallSchema` with parts that cannot be taken apart. */
export const anyLogic = tree(fc.oneof({ arbitrary: decidable, weight: 2 }, opaque));

const question = fc.oneof(
  fc.tuple(
    fc.constantFrom('equals', 'not_equals', 'greater_than', 'greater_or_equal', 'less_than', 'less_or_equal'),
    scalar,
  ),
  fc.tuple(fc.constantFrom('in', 'not_in'), fc.array(scalar, { maxLength: 3 })),
  fc.tuple(fc.constant('between'), fc.tuple(fc.nat(2), fc.nat(3))),
  fc.tuple(fc.constant('starts_with'), fc.constantFrom('s', 'la', 'x')),
  fc.tuple(fc.constant('contains'), fc.constantFrom('a', 'x')),
  fc.tuple(fc.constantFrom('exists', 'is_empty'), fc.boolean()),
) as fc.Arbitrary<[string, JsonValue]>;

/** Conditions over `smallSchema` in the field form. */
export const fieldConditions: fc.Arbitrary<JsonValue> = fc.array(
  fc
    .tuple(path, question, fc.constantFrom('AND', 'OR'))
    .map(([field, [operator, value], logicalOperator]) => ({ field, operator, value, logicalOperator })),
  { minLength: 1, maxLength: 4 },
);
