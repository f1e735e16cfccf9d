import { isObject, type JsonObject, type JsonValue } from '../../kernel/json.js';
import { decrypt, encrypt } from './authenticated-encryption.js';

/** The key of a data subject or of an organization, for values. */
export interface DataKey {
  /** Written beside each value. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** What became of a key: there, destroyed, or not to be opened with what is configured. */
export type KeyState = DataKey | 'erased' | 'unreadable';

/** What a reader is shown instead of a value: may not be seen, is gone for ever, or cannot be opened. */
export type Stand = 'masked' | 'erased' | 'unreadable';

/** The one member of an object that stands for an encrypted value. */
const MEMBER = '$encrypted';
/** A key of somebody's own that reads like ours gets one `$` more, and loses it again. */
const LOOKALIKE = /^\$+encrypted$/;

/** What stands for a value: its key's id and, in base64, nonce, ciphertext and tag. `boundTo` must be said to open it. */
export const encryptedValue = (key: DataKey, value: JsonValue, boundTo: string): JsonObject => ({
  [MEMBER]: { key: key.id, value: encrypt(key.bytes, JSON.stringify(value), boundTo).toString('base64') },
});

/** What stands for a value that a reader does not get, `{"$encrypted": "masked"}`. */
export const standFor = (stand: Stand): JsonObject => ({ [MEMBER]: stand });

/** The value with its own keys that read like ours escaped, so that it can stand beside encrypted ones. */
export const escapeLookalikes = (value: JsonValue): JsonValue => rewrite(value, escaped);

/** The key of an object beside encrypted values. */
export const escaped = (key: string): string => (LOOKALIKE.test(key) ? `$${key}` : key);

const unescaped = (key: string): string => (LOOKALIKE.test(key) ? key.slice(1) : key);

/** Ids of all keys that a value is encrypted with; what has not our form names none. */
export function keyIdsIn(value: JsonValue): ReadonlySet<string> {
  const ids = new Set<string>();
  rewrite(value, sameKey, (form) => {
    if (isEncrypted(form)) ids.add(form.key);
    return form;
  });
  return ids;
}

/** The plain value. @throws Error when a part of it was changed or its key is another one */
export const decryptAll = (value: JsonValue, keyOf: (id: string) => DataKey, boundTo: string): JsonValue =>
  rewrite(value, unescaped, (form) => {
    if (!isEncrypted(form)) throw new Error('What stands for an encrypted value has not the form of one.');
    return JSON.parse(
      decrypt(keyOf(form.key).bytes, Buffer.from(form.value, 'base64'), boundTo).toString(),
    ) as JsonValue;
  });

/** The value with `stand` for each encrypted part; keys that read like ours stay escaped, so that nobody can forge one. */
export const concealAll = (value: JsonValue, stand: Stand): JsonValue => rewrite(value, sameKey, () => standFor(stand));

const sameKey = (key: string): string => key;

interface EncryptedForm {
  readonly key: string;
  readonly value: string;
}

const isEncrypted = (form: unknown): form is EncryptedForm =>
  isObject(form) && typeof form['key'] === 'string' && typeof form['value'] === 'string';

/** Renames keys and, where asked to, replaces what stands for encrypted values; what stays the same is not copied. */
function rewrite(
  value: JsonValue,
  rename: (key: string) => string,
  replace?: (form: JsonValue) => JsonValue,
): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const list = value as readonly JsonValue[];
    const items = list.map((item) => rewrite(item, rename, replace));
    return items.some((item, i) => item !== list[i]) ? items : list;
  }
  const object = value as JsonObject;
  if (replace && Object.hasOwn(object, MEMBER)) return replace(object[MEMBER]!);
  let isChanged = false;
  const members = Object.entries(object).map(([key, member]): [string, JsonValue] => {
    const [newKey, newMember] = [rename(key), rewrite(member, rename, replace)];
    isChanged ||= newKey !== key || newMember !== member;
    return [newKey, newMember];
  });
  return isChanged ? Object.fromEntries(members) : object;
}
