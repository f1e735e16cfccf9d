import { isObject } from '../../../kernel/json.js';
import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import { readPath } from '../paths.js';
import type { Path } from '../paths.js';
import { isSame } from '../values.js';
import { schemasAlong } from './local-schema.js';
import { sampleObject } from './sample.js';

/** A value that shall stand at a path; undefined when there shall be none. */
export interface Placement {
  readonly path: Path;
  readonly value: JsonValue | undefined;
}

/**
 * The document with a value put in or taken out. Objects on the way there are made when they are missing, with the
 * members that the schema requires of them.
 */
export function place(document: JsonObject, { path, value }: Placement, schema: JsonObject): JsonObject {
  const levels = schemasAlong(schema, path);
  const put = (current: JsonValue | undefined, depth: number): JsonValue | undefined => {
    const key = path[depth];
    if (key === undefined) return value;
    if (Array.isArray(current))
      return putInList(current as readonly JsonValue[], key, (member) => put(member, depth + 1));
    const around = isObject(current) ? (current) : sampleObject(schema, levels[depth]?.keywords ?? {});
    const { [key]: member, ...others } = around;
    const changed = put(Object.hasOwn(around, key) ? member : undefined, depth + 1);
    if (changed === undefined) return others;
    return Object.hasOwn(around, key) ? { ...around, [key]: changed } : { ...others, [key]: changed };
  };
  return put(document, 0) as JsonObject;
}

function putInList(
  list: readonly JsonValue[],
  key: string,
  put: (member: JsonValue | undefined) => JsonValue | undefined,
): readonly JsonValue[] {
  const index = Number(key);
  if (!/^\d+$/.test(key) || index > list.length) return list;
  const changed = put(list[index]);
  return changed === undefined ? list.slice(0, index) : list.toSpliced(index, 1, changed);
}

/** One difference between two values: the outermost place that differs. */
export interface Difference {
  readonly path: Path;
  readonly from?: JsonValue;
  readonly to?: JsonValue;
}

/** What differs between two values. Objects are compared member by member, everything else as a whole. */
export function differences(
  from: JsonValue | undefined,
  to: JsonValue | undefined,
  path: Path = [],
): readonly Difference[] {
  if (isObject(from) && isObject(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
    return keys.flatMap((key) => differences(member(from, key), member(to, key), [...path, key]));
  }
  if (from === undefined ? to === undefined : to !== undefined && isSame(from, to)) return [];
  return [{ path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
}

const member = (object: Readonly<Record<string, unknown>>, key: string): JsonValue | undefined =>
  Object.hasOwn(object, key) ? (object[key] as JsonValue) : undefined;

/** The length of the part of a path that leads through objects only; the whole of it when all of them are there. */
export function depthOfObjects(document: JsonObject, path: Path): number {
  for (let depth = 1; depth < path.length; depth++) {
    if (!isObject(readPath(document, path.slice(0, depth)))) return depth;
  }
  return path.length;
}
