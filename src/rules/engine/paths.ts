import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Evaluate, Lookup, Scope } from './expression.js';
import { factSource } from './facts.js';

/** Keys from the outside in. */
export type Path = readonly string[];

const MOST_KNOWN = 10_000;
const known = new Map<string, Path>();

/** Reads dotted text, `company.size`; "" is the whole value. */
export function parsePath(text: string): Path {
  const path = known.get(text);
  if (path) return path;
  const parsed = text === '' ? [] : text.split('.');
  // Authors write the same few again and again; what is written once must not fill the memory.
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, parsed);
  return parsed;
}

/** The own member of an object or list, undefined where there is none. Nothing inherited is ever found. */
export const ownMember = (value: JsonValue | undefined, key: string): JsonValue | undefined =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;

/** The value at a path, undefined where there is none. */
export function readPath(value: JsonValue, path: Path): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (const key of path) {
    if (current === undefined) return undefined;
    current = ownMember(current, key);
  }
  return current;
}

/** As readPath from a scope's data; `$user`, `$entity` and `$entityId` are read from the facts. */
export function readScopedPath(scope: Scope, path: Path): JsonValue | undefined {
  const source = factSource(path[0]);
  return source ? readPath(source(scope.facts), path.slice(1)) : readPath(scope.data, path);
}

// Names that every object or list inherits. Any other key can be read directly: found means own.
const isInherited = (key: string): boolean => key in Array.prototype;

/** Whether every step of a path may be read as `value[key]`. */
export const isDirect = (path: Path): boolean => !factSource(path[0]) && !path.some(isInherited);

/** A closure that reads a path known beforehand; the same answers as readScopedPath, faster. */
export function compilePath(path: Path): (scope: Scope) => JsonValue | undefined {
  if (!isDirect(path)) return (scope) => readScopedPath(scope, path);
  const [first, second] = path;
  if (first === undefined) return (scope) => scope.data;
  if (path.length === 1) return (scope) => directMember(scope.data, first);
  if (path.length === 2 && second !== undefined) {
    return (scope) => directMember(directMember(scope.data, first), second);
  }
  return (scope) => {
    let current: JsonValue | undefined = scope.data;
    for (let i = 0; i < path.length; i++) current = directMember(current, path[i] as string);
    return current;
  };
}

/** The closure of a lookup. */
export const readWith =
  ({ find, otherwise }: Lookup): Evaluate =>
  (scope) => {
    const value = find(scope);
    return value === undefined ? otherwise(scope) : value;
  };

/** The member of an object or list by a key that nothing inherits. */
export const directMember = (value: JsonValue | undefined, key: string): JsonValue | undefined =>
  typeof value === 'object' && value !== null ? (value as JsonObject)[key] : undefined;
