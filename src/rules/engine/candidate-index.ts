import type { JsonValue } from '../../kernel/json.js';
import type { Scope } from './expression.js';
import type { IndexKey } from './index-key.js';
import { compilePath, parsePath } from './paths.js';
import { jsonTypeOf } from './schema-path.js';
import type { JsonType } from './schema-path.js';

/** Positions in the order of a rule set's rules, ascending. */
export type Positions = readonly number[];

/** Finds the rules that may match or fail over a context. */
export type FindCandidates = (scope: Scope) => Positions;

/** The rules that are indexed by one path. */
interface IndexedPath {
  readonly read: (scope: Scope) => JsonValue | undefined;
  readonly types: ReadonlySet<JsonType>;
  readonly byValue: Map<JsonValue, number[]>;
  /** Rules that are looked at where the path leads nowhere. */
  readonly absent: number[];
  readonly all: number[];
}

const none: Positions = [];

/**
 * Builds the index of a rule set from the key of each of its rules, in their order; rules without a key are always
 * candidates. It cannot be noticed but by speed: what it leaves out would be false without an error.
 */
export function indexCandidates(keys: readonly (IndexKey | undefined)[]): FindCandidates {
  const paths = new Map<string, IndexedPath>();
  const always: number[] = [];
  for (const [position, key] of keys.entries()) {
    if (key) addKey(pathFor(paths, key), key, position);
    else always.push(position);
  }
  const indexed = [...paths.values()];
  if (indexed.length === 0) return () => always;
  return (scope) => {
    let found: Positions = none;
    for (const path of indexed) found = merge(found, lookUp(path, path.read(scope)));
    return merge(found, always);
  };
}

function pathFor(paths: Map<string, IndexedPath>, { path, types }: IndexKey): IndexedPath {
  const known = paths.get(path);
  if (known) return known;
  const made = { read: compilePath(parsePath(path)), types, byValue: new Map(), absent: [], all: [] };
  paths.set(path, made);
  return made;
}

function addKey({ byValue, absent, all }: IndexedPath, { values, matchesAbsent }: IndexKey, position: number): void {
  all.push(position);
  if (matchesAbsent) absent.push(position);
  for (const value of values) {
    const bucket = byValue.get(value);
    if (bucket) bucket.push(position);
    else byValue.set(value, [position]);
  }
}

/** Over a value that the schema does not allow, keys say nothing. */
function lookUp({ types, byValue, absent, all }: IndexedPath, value: JsonValue | undefined): Positions {
  if (value === undefined) return absent;
  return byValue.get(value) ?? (types.has(jsonTypeOf(value)) ? none : all);
}

/** Two ascending lists without common members as one. */
function merge(a: Positions, b: Positions): Positions {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const merged: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length)
    merged.push((a[i] as number) < (b[j] as number) ? (a[i++] as number) : (b[j++] as number));
  while (i < a.length) merged.push(a[i++] as number);
  while (j < b.length) merged.push(b[j++] as number);
  return merged;
}
