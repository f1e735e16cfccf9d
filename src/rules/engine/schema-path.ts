import { isObject } from '../../kernel/json.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Path } from './paths.js';

/** The types of JSON; what JSON Schema calls `integer` is a number here. */
export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

/**
 * What a schema plainly says about a path: the types that may stand there, `impossible` when nothing ever can, or
 * `unknown` when the schema leaves it open or says it in a way that is not plain (references, alternatives).
 */
export type SchemaVerdict = ReadonlySet<JsonType> | 'impossible' | 'unknown';

const COMPOSED = [
  '$ref',
  '$dynamicRef',
  'allOf',
  'anyOf',
  'oneOf',
  'if',
  'not',
  'dependentSchemas',
  'patternProperties',
];

/** The type of a JSON value. */
export function jsonTypeOf(value: JsonValue): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as JsonType;
}

/** Reads a schema (draft 2020-12) along a path. */
export function schemaVerdict(schema: JsonValue, path: Path): SchemaVerdict {
  let current = schema;
  for (const key of path) {
    const next = step(current, key);
    if (next === 'impossible' || next === 'unknown') return next;
    current = next;
  }
  return typesOf(current);
}

function step(schema: JsonValue, key: string): JsonObject | 'impossible' | 'unknown' {
  const types = typesOf(schema);
  if (!isPlain(schema) || types === 'unknown' || types === 'impossible') return 'unknown';
  if (!types.has('object')) return types.has('array') ? stepIntoList(schema, key) : 'impossible';
  const { properties, additionalProperties } = schema;
  if (isObject(properties) && Object.hasOwn(properties, key)) return asSchema(properties[key]);
  if (additionalProperties === false && !types.has('array')) return 'impossible';
  return asSchema(additionalProperties);
}

const stepIntoList = ({ items }: JsonObject, key: string): JsonObject | 'unknown' =>
  /^\d+$/.test(key) ? asSchema(items) : 'unknown';

const asSchema = (schema: JsonValue | undefined): JsonObject | 'unknown' => (isObject(schema) ? schema : 'unknown');

const isPlain = (schema: JsonValue): schema is JsonObject =>
  isObject(schema) && !COMPOSED.some((keyword) => Object.hasOwn(schema, keyword));

function typesOf(schema: JsonValue): SchemaVerdict {
  if (!isPlain(schema)) return 'unknown';
  if (typeof schema.type === 'string') return new Set([asType(schema.type)]);
  if (Array.isArray(schema.type)) return new Set((schema.type as readonly string[]).map(asType));
  if (Array.isArray(schema.enum)) return new Set((schema.enum as readonly JsonValue[]).map(jsonTypeOf));
  return schema.const === undefined ? 'unknown' : new Set([jsonTypeOf(schema.const)]);
}

const asType = (type: string): JsonType => (type === 'integer' ? 'number' : (type as JsonType));

/** Whether a schema plainly says that a value stands at a path in every value that fits it. */
export function isRequiredPath(schema: JsonValue, path: Path): boolean {
  let current = schema;
  for (const [position, key] of path.entries()) {
    if (!requires(current, key)) return false;
    const next = step(current, key);
    if (typeof next === 'string') return position === path.length - 1;
    current = next;
  }
  return true;
}

function requires(schema: JsonValue, key: string): boolean {
  const types = typesOf(schema);
  if (typeof types === 'string' || types.size !== 1 || !types.has('object')) return false;
  const { required } = schema as JsonObject;
  return Array.isArray(required) && required.includes(key);
}
