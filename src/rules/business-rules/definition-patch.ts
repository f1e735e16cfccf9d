import { createPatch, type Operation, type Pointer } from 'rfc6902';
import { canonicalJson } from '../../kernel/canonical-json.js';
import type { JsonValue } from '../../kernel/json.js';

/** Items of two lists that are compared one by one; beyond that the list is replaced whole. */
const COMPARED_ITEMS = 1_000;

/** The JSON Patch (RFC 6902) that makes `to` of `from`; empty when they say the same. */
export const patchBetween = (from: object, to: object): readonly Operation[] => createPatch(from, to, patchOfLists);

/** The library looks for the shortest patch of two lists, in time that grows with the cube of their length. */
function patchOfLists(from: unknown, to: unknown, place: Pointer): Operation[] | undefined {
  if (!Array.isArray(from) || !Array.isArray(to)) return undefined;
  const before = from as readonly JsonValue[];
  const after = to as readonly JsonValue[];
  const { start, beforeEnd, afterEnd } = differingPart(before.map(canonicalJson), after.map(canonicalJson));
  if (Math.max(beforeEnd, afterEnd) - start > COMPARED_ITEMS) {
    return [{ op: 'replace', path: place.toString(), value: after }];
  }
  const shared = Math.min(beforeEnd, afterEnd);
  const changed = Array.from({ length: shared - start }, (_, offset) => start + offset).flatMap((index) =>
    below(place.add(String(index)).toString(), { from: before[index], to: after[index] }),
  );
  const removed = Array.from({ length: beforeEnd - shared }, (_, offset): Operation => ({
    op: 'remove',
    path: place.add(String(beforeEnd - 1 - offset)).toString(),
  }));
  const added = after.slice(shared, afterEnd).map((value, offset): Operation => ({
    op: 'add',
    path: place.add(String(shared + offset)).toString(),
    value,
  }));
  return [...changed, ...removed, ...added];
}

/** A patch of two items, told from the whole. */
const below = (path: string, { from, to }: { from: unknown; to: unknown }): Operation[] =>
  createPatch(from, to, patchOfLists).map((operation) => ({ ...operation, path: path + operation.path }));

interface DifferingPart {
  readonly start: number;
  readonly beforeEnd: number;
  readonly afterEnd: number;
}

/** What stands between the items that both lists begin with and those that both end with. */
function differingPart(before: readonly string[], after: readonly string[]): DifferingPart {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let same = 0;
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  return { start, beforeEnd: before.length - same, afterEnd: after.length - same };
}
