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
  let isSorted = true;
  for (let index = 0; index < keys.length; index++) {
    if (cannotBeOrdered(keys[index]!)) return undefined;
    if (index > 0 && keys[index - 1]! > keys[index]!) isSorted = false;
  }
  let copy: Record<string, unknown> | undefined = isSorted ? undefined : {};
  if (!isSorted) keys.sort();
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    const member = object[key];
    const sorted = member === undefined ? undefined : inOrder(member);
    if (sorted === undefined && member !== undefined) return undefined;
    if (sorted === undefined || sorted !== member) copy ??= begun(object, keys, index);
    if (copy && sorted !== undefined) copy[key] = sorted;
  }
  return copy ?? object;
}

/** A copy of the first so many members, which stand in order as they are. */
function begun(object: Record<string, unknown>, keys: readonly string[], count: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (let index = 0; index < count; index++) copy[keys[index]!] = object[keys[index]!];
  return copy;
}

/** Objects put keys that are indexes first, and `__proto__` is no member when it is assigned. */
function cannotBeOrdered(key: string): boolean {
  const first = key.charCodeAt(0);
  return (first >= 48 && first <= 57) || key === '__proto__';
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
