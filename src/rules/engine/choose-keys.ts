import type { JsonValue } from '../../kernel/json.js';
import type { IndexKey } from './index-key.js';

/**
 * Chooses for each rule the key that leaves it out most often, judged by how many different values the rules of the set
 * ask for at its path; of equals the leftmost.
 */
export function chooseKeys(possible: readonly (readonly IndexKey[])[]): readonly (IndexKey | undefined)[] {
  const asked = new Map<string, Set<JsonValue>>();
  for (const keys of possible) for (const key of keys) askedAt(asked, key);
  return possible.map((keys) => bestOf(keys, asked));
}

function askedAt(asked: Map<string, Set<JsonValue>>, { path, values }: IndexKey): void {
  const known = asked.get(path);
  if (!known) asked.set(path, new Set(values));
  else for (const value of values) known.add(value);
}

function bestOf(keys: readonly IndexKey[], asked: ReadonlyMap<string, ReadonlySet<JsonValue>>): IndexKey | undefined {
  const [first, ...others] = keys;
  if (!first || others.length === 0) return first;
  return others.reduce((best, key) => (share(key, asked) < share(best, asked) ? key : best), first);
}

/** The share of contexts that lead to the rule, if each value that rules ask for, one other and none are as frequent. */
function share({ path, values, matchesAbsent }: IndexKey, asked: ReadonlyMap<string, ReadonlySet<JsonValue>>): number {
  return (values.length + Number(matchesAbsent)) / ((asked.get(path)?.size ?? 0) + 2);
}
