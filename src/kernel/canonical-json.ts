/**
 * Canonical JSON after RFC 8785: keys sorted by UTF-16 code units, numbers and strings as ECMAScript writes them,
 * no white space. Members that are `undefined` are left out, as `JSON.stringify` does.
 * @throws TypeError for what JSON cannot say: NaN, infinities, bigint, functions, lone surrogates.
 */
export function canonicalJson(value: unknown): string {
  // This runs for every event: putting keys in order and writing all at once is several times faster than writing
  // member by member, which is left to what objects cannot keep in order and to what must be refused.
  const sorted = inOrder(value);
  const text = sorted === undefined ? undefined : JSON.stringify(sorted);
  // A lone surrogate is written as an escape that begins so.
  return text === undefined || text.includes('\\ud') ? write(value) : text;
}

/** The value as `JSON.stringify` writes it canonically, itself where it stands so; undefined when there is no such. */
function inOrder(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'object':
      if (value === null) return null;
      return Array.isArray(value) ? listInOrder(value) : objectInOrder(value as Record<string, unknown>);
    default:
      return undefined;
  }
}

function listInOrder(list: readonly unknown[]): readonly unknown[] | undefined {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const item = inOrder(list[index] ?? null);
    if (item === undefined) return undefined;
    if (item !== list[index]) (copy ??= [...list])[index] = item;
  }
  return copy ?? list;
}

function objectInOrder(object: Record<string, unknown>): Record<string, unknown> | undefined {
  if (typeof object['toJSON'] === 'function') return undefined;
  const keys = Object.keys(object);
  if (keys.some(cannotBeOrdered)) return undefined;
  return isSorted(keys) ? whereChanged(object, keys) : copyInOrder(object, keys.sort(), -1);
}

/** The object itself while its members stand in order; from the first that does not, a copy. */
function whereChanged(object: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> | undefined {
  for (let index = 0; index < keys.length; index++) {
    const member = object[keys[index]!];
    const sorted = member === undefined ? undefined : inOrder(member);
    if (sorted !== undefined && sorted === member) continue;
    // No member is put in order twice: with objects in one another that would double at each level.
    return sorted === undefined && member !== undefined ? undefined : copyInOrder(object, keys, index, sorted);
  }
  return object;
}

/** A copy: members before `index` as they are, at `index` what it became, undefined leaves it out, and the rest in order. */
function copyInOrder(
  object: Record<string, unknown>,
  keys: readonly string[],
  index: number,
  changed?: unknown,
): Record<string, unknown> | undefined {
  const copy: Record<string, unknown> = {};
  for (let before = 0; before < index; before++) copy[keys[before]!] = object[keys[before]!];
  if (changed !== undefined) copy[keys[index]!] = changed;
  for (let after = index + 1; after < keys.length; after++) {
    const member = object[keys[after]!];
    if (member === undefined) continue;
    const sorted = inOrder(member);
    if (sorted === undefined) return undefined;
    copy[keys[after]!] = sorted;
  }
  return copy;
}

/** Objects put keys that are indexes first, and `__proto__` is no member when it is assigned. */
function cannotBeOrdered(key: string): boolean {
  const first = key.charCodeAt(0);
  return (first >= 48 && first <= 57) || key === '__proto__';
}

function isSorted(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index++) if (keys[index - 1]! > keys[index]!) return false;
  return true;
}

function write(value: unknown): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new TypeError('A string holds a lone surrogate.');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} is no JSON number.`);
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return writeObject(value);
    default:
      throw new TypeError(`A ${typeof value} cannot be written as JSON.`);
  }
}

function writeObject(value: object | null): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map((item) => write(item ?? null)).join(',')}]`;
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) members.push(`${write(key)}:${write(member)}`);
  }
  return `{${members.join(',')}}`;
}
