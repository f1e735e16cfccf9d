import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;

/** What a token is for: its first letters tell a reader and a scanner for leaked secrets. */
export type TokenKind = 'prv' | 'prr' | 'pri' | 'prh';

/** A token as it is presented: which row it names, and the secrets that prove it. */
export interface OpaqueToken {
  readonly id: string;
  readonly secrets: readonly string[];
}

/** 256 random bits as 43 letters that are safe in a URL. */
export const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** SHA-256; enough for secrets of 256 random bits, which nobody can guess. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Whether the secret has this hash, in constant time. */
export const hasHash = (secret: string, hash: Uint8Array): boolean => timingSafeEqual(hashSecret(secret), hash);

/** `<kind>_<id without dashes>_<secret>`; the part before the secret is no secret and may be shown. */
export const formatToken = (kind: TokenKind, id: string, ...secrets: readonly string[]): string =>
  [tokenPrefix(kind, id), ...secrets].join('_');

/** The part of a token that may be shown, to tell one from another. */
export const tokenPrefix = (kind: TokenKind, id: string): string => `${kind}_${id.replaceAll('-', '')}`;

/** Reads a token of one kind with so many secrets; undefined when it has another form. */
export function parseToken(kind: TokenKind, token: string, secrets = 1): OpaqueToken | undefined {
  const match = new RegExp(`^${kind}_([0-9a-f]{32})((?:_[A-Za-z0-9_-]{43}){${secrets}})$`).exec(token);
  if (!match) return undefined;
  const [, hex, tail] = match as unknown as [string, string, string];
  return {
    id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    secrets: Array.from({ length: secrets }, (_, index) => tail.slice(index * 44 + 1, (index + 1) * 44)),
  };
}
