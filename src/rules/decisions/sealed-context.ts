import { escaped, escapeLookalikes } from '../../audit/audit.contract.js';
import { isObject, type JsonObject, type JsonValue } from '../../kernel/json.js';
import type { Path } from '../engine/paths.js';
import type { HiddenTree } from '../entry-points/hidden-tree.js';

/** Gives what stands for a value. */
export type Seal = (value: JsonValue) => JsonValue;

/** A context whose hidden values are sealed, and where they stood. */
export interface SealedContext {
  readonly context: JsonObject;
  readonly sealedAt: readonly Path[];
}

/**
 * Seals what hidden paths cover, one value a path. Where a text or a list stands in the way of a path, nobody knows what
 * it holds, so all of it is sealed. Null is left: it says no more than a value that is not there.
 */
export function sealContext(context: JsonObject, hidden: HiddenTree, seal: Seal): SealedContext {
  const sealedAt: Path[] = [];
  const visit = (value: JsonValue, below: HiddenTree | 'covered' | undefined, path: Path): JsonValue => {
    if (below === undefined) return escapeLookalikes(value);
    if (value === null || value === undefined) return value;
    if (below !== 'covered' && isObject(value)) {
      return mapMembers(value, (member, key) => visit(member, below.get(key), [...path, key]));
    }
    sealedAt.push(path);
    return seal(value);
  };
  return { context: visit(context, hidden, []) as JsonObject, sealedAt };
}

const mapMembers = (object: JsonObject, visit: (member: JsonValue, key: string) => JsonValue): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, member]) => [escaped(key), visit(member, key)]));
