import { isObject } from '../../../kernel/json.js';
import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import type { Path } from '../paths.js';
import { jsonTypeOf } from '../schema-path.js';
import type { JsonType } from '../schema-path.js';
import { valueAtPointer } from '../template.js';

/** What a schema says about one place of the context. */
export interface LocalSchema {
  /** The keywords that hold there; none where the schema leaves it open. */
  readonly keywords: JsonObject;
  /** Whether anything may stand there at all. */
  readonly isPossible: boolean;
  /** Whether nothing outside of this place decides what may stand there, but for the objects around it. */
  readonly isIndependent: boolean;
}

const ANNOTATIONS = [
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
  '$schema',
  '$id',
  '$defs',
  'definitions',
];
const AROUND = new Set([...ANNOTATIONS, 'type', 'properties', 'required', 'additionalProperties']);
const EVERY_TYPE: readonly JsonType[] = ['null', 'boolean', 'number', 'string', 'array', 'object'];

/** Whether a schema has no other keywords than these and annotations. */
export const hasOnly = (keywords: JsonObject, known: readonly string[]): boolean =>
  Object.keys(keywords).every((keyword) => known.includes(keyword) || ANNOTATIONS.includes(keyword));

/** The types that a schema lets stand; a whole number is a number here. */
export function typesOf({ type, enum: listed, const: fixed }: JsonObject): ReadonlySet<JsonType> {
  if (typeof type === 'string') return new Set([asType(type)]);
  if (Array.isArray(type)) return new Set((type as readonly string[]).map(asType));
  if (Array.isArray(listed)) return new Set((listed as readonly JsonValue[]).map(jsonTypeOf));
  return new Set(fixed === undefined ? EVERY_TYPE : [jsonTypeOf(fixed)]);
}

const asType = (type: string): JsonType => (type === 'integer' ? 'number' : (type as JsonType));

/** Follows a reference into the document itself; a schema that is anything else stays as it is. */
export function dereference(root: JsonObject, schema: JsonObject): JsonObject {
  const { $ref: reference, ...others } = schema;
  if (typeof reference !== 'string' || !reference.startsWith('#/') || Object.keys(others).length > 0) return schema;
  const target = valueAtPointer(root, reference.slice(1));
  return isObject(target) && target.$ref === undefined ? (target) : schema;
}

/** What the schema says at each step of a path, the whole context first, the path itself last. */
export function schemasAlong(root: JsonObject, path: Path): readonly LocalSchema[] {
  const levels: LocalSchema[] = [{ keywords: dereference(root, root), isPossible: true, isIndependent: true }];
  for (const key of path) levels.push(below(root, levels.at(-1) as LocalSchema, key));
  return levels;
}

function below(root: JsonObject, { keywords, isPossible, isIndependent }: LocalSchema, key: string): LocalSchema {
  const types = typesOf(keywords);
  const mayBeList = types.has('array') && (/^\d+$/.test(key) || key === 'length');
  const member = memberSchema(keywords, key);
  return {
    keywords: isObject(member) ? dereference(root, member) : {},
    isPossible: isPossible && member !== false && (types.has('object') || mayBeList),
    isIndependent: isIndependent && !mayBeList && Object.keys(keywords).every((keyword) => AROUND.has(keyword)),
  };
}

function memberSchema({ properties, additionalProperties }: JsonObject, key: string): JsonValue | undefined {
  return isObject(properties) && Object.hasOwn(properties, key)
    ? (properties)[key]
    : additionalProperties;
}
