import { isObject } from '../../../kernel/json.js';
import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import { dereference, typesOf } from './local-schema.js';
import { sampleText } from './texts.js';

const DEPTH_LIMIT = 16;

/** A small value that a schema lets stand, as far as its plain keywords tell. */
export function sampleOf(root: JsonObject, written: JsonValue | undefined, depth = 0): JsonValue {
  if (!isObject(written) || depth > DEPTH_LIMIT) return null;
  const schema = firstAlternative(dereference(root, written));
  const said = saidValue(schema);
  if (said !== undefined) return said;
  const [type] = isOpen(schema) ? ['null'] : typesOf(schema);
  if (typesOf(schema).has('object') && !isOpen(schema)) return sampleObject(root, schema, depth);
  return type === 'array' ? sampleList(root, schema, depth) : sampleOfType(schema, type);
}

/** Says nothing about the type; then null is as good as anything. */
const isOpen = ({ type, properties, required }: JsonObject): boolean =>
  type === undefined && properties === undefined && required === undefined;

/** An object that a schema lets stand, whatever else might stand there. */
export function sampleObject(root: JsonObject, schema: JsonObject, depth = 0): JsonObject {
  const required = Array.isArray(schema.required) ? (schema.required as readonly string[]) : [];
  const properties = isObject(schema.properties) ? (schema.properties) : {};
  return Object.fromEntries(
    required.map((key) => [
      key,
      sampleOf(root, Object.hasOwn(properties, key) ? properties[key] : schema.additionalProperties, depth + 1),
    ]),
  );
}

function firstAlternative(schema: JsonObject): JsonObject {
  for (const keyword of ['oneOf', 'anyOf', 'allOf']) {
    const [first] = (schema[keyword] ?? []) as readonly JsonValue[];
    if (isObject(first)) return { ...schema, ...(first) };
  }
  return schema;
}

function saidValue({ const: fixed, enum: listed, examples, default: usual }: JsonObject): JsonValue | undefined {
  if (fixed !== undefined) return fixed;
  if (Array.isArray(listed)) return (listed as readonly JsonValue[])[0];
  return usual ?? (Array.isArray(examples) ? (examples as readonly JsonValue[])[0] : undefined);
}

function sampleOfType(schema: JsonObject, type: string | undefined): JsonValue {
  switch (type) {
    case 'boolean':
      return false;
    case 'number':
      return sampleNumber(schema);
    case 'string':
      return sampleText(schema);
    default:
      return null;
  }
}

function sampleNumber({ minimum, exclusiveMinimum, maximum, exclusiveMaximum, multipleOf }: JsonObject): number {
  const step = typeof multipleOf === 'number' ? multipleOf : 1;
  const lowest = Math.max(asNumber(minimum, -Infinity), asNumber(exclusiveMinimum, -Infinity) + step);
  const highest = Math.min(asNumber(maximum, Infinity), asNumber(exclusiveMaximum, Infinity) - step);
  if (lowest > 0) return Math.ceil(lowest / step) * step;
  return highest < 0 ? Math.floor(highest / step) * step : 0;
}

const asNumber = (value: JsonValue | undefined, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;

function sampleList(root: JsonObject, schema: JsonObject, depth: number): readonly JsonValue[] {
  const length = asNumber(schema.minItems, 0);
  return Array.from({ length: Math.min(length, 100) }, () => sampleOf(root, schema.items, depth + 1));
}
