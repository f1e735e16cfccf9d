/** A JSON pointer as URI fragment (RFC 6901 section 6) to what lies below `parent`, itself `#` or such a pointer. */
export const pointerTo = (parent: string, ...keys: readonly (string | number)[]): string =>
  keys.reduce<string>((pointer, key) => `${pointer}/${escapeKey(String(key))}`, parent);

const escapeKey = (key: string): string =>
  encodeURI(key.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')).replaceAll('#', '%23');
