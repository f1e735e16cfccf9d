import { isObject, type JsonObject, type JsonValue } from '../../kernel/json.js';

/** The keyword that is put into each subschema; its value is what one application costs. */
export const COST_KEYWORD = 'x-proviso-cost';

/** Keywords that hold one subschema, a list of them, or several by name. */
const ONE = new Set(
  ['additionalItems', 'additionalProperties', 'contains', 'contentSchema', 'else', 'if', 'items', 'not'].concat([
    'propertyNames',
    'then',
    'unevaluatedItems',
    'unevaluatedProperties',
  ]),
);
const LIST = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const NAMED = new Set(['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties']);

/** Keywords that apply several subschemas, or one again and again, to the same value. */
const REPEATING = new Set(
  ['$dynamicRef', '$recursiveRef', '$ref', 'allOf', 'anyOf', 'contains', 'dependentSchemas', 'else', 'if'].concat([
    'not',
    'oneOf',
    'patternProperties',
    'propertyNames',
    'then',
    'unevaluatedItems',
    'unevaluatedProperties',
  ]),
);
const LARGE_ENUM = 100;

/**
 * The schema with its cost written into each subschema, so that the work of a check can be counted while it is done; as
 * it is when each part of a value is looked at only once anyway.
 */
export function withCosts(schema: JsonObject): JsonObject {
  return repeats(schema) ? priced(schema) : schema;
}

/** Whether a reference may lead to something that is no subschema, and so has no cost. */
export function leadsAstray(schema: JsonValue): boolean {
  if (Array.isArray(schema)) return (schema as readonly JsonValue[]).some(leadsAstray);
  if (!isObject(schema)) return false;
  return Object.entries(schema).some(([key, value]) => {
    if (key !== '$ref' && key !== '$dynamicRef') return leadsAstray(value);
    return typeof value === 'string' && value.includes('/') && !REFERENCE.test(value);
  });
}

// Anchors, the root, and what stands under a name among definitions or properties, however deep.
const REFERENCE = /^#(\/(\$defs|definitions|properties)\/[^/]+)*$/;

function repeats(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.length > LARGE_ENUM || (value as readonly JsonValue[]).some(repeats);
  if (!isObject(value)) return false;
  return Object.entries(value).some(([key, member]) => REPEATING.has(key) || repeats(member));
}

const priced = (schema: JsonValue): JsonObject => {
  const members = Object.entries(schema as JsonObject).map(([key, value]) => [key, pricedMember(key, value)] as const);
  return { ...Object.fromEntries(members), [COST_KEYWORD]: costOf(schema as JsonObject) };
};

const pricedSchema = (schema: JsonValue): JsonValue => (isObject(schema) ? priced(schema) : schema);

function pricedMember(key: string, value: JsonValue): JsonValue {
  if (LIST.has(key) && Array.isArray(value)) return (value as readonly JsonValue[]).map(pricedSchema);
  if (NAMED.has(key) && isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, pricedSchema(member)] as const));
  }
  return ONE.has(key) ? pricedSchema(value) : value;
}

/** One for the application and one for each thing that it may compare or look for. */
const costOf = (schema: JsonObject): number =>
  Object.values(schema).reduce<number>(
    (cost, value) => cost + (isObject(value) ? Object.keys(value).length : lengthOf(value)),
    1,
  );

const lengthOf = (value: JsonValue): number => (Array.isArray(value) ? value.length : 1);
