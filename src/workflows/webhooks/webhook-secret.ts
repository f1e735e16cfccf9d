import { randomBytes } from 'node:crypto';
import { invalid } from '../../kernel/domain-error.js';

const PREFIX = 'whsec_';
/** What Standard Webhooks allows, in bytes. */
const LEAST_BYTES = 24;
const MOST_BYTES = 64;
const MADE_BYTES = 32;

/** A new secret as receivers get it: `whsec_` and 32 random bytes in base64. */
export const makeSecret = (): string => PREFIX + randomBytes(MADE_BYTES).toString('base64');

/** The bytes that a secret signs with. */
export const keyOf = (secret: string): Buffer => Buffer.from(secret.slice(PREFIX.length), 'base64');

/** A secret that somebody brings along. @throws invalid `invalid-secret` */
export function expectSecret(secret: string): string {
  const key = keyOf(secret);
  const isWhole = secret === PREFIX + key.toString('base64');
  if (isWhole && key.length >= LEAST_BYTES && key.length <= MOST_BYTES) return secret;
  const message = `must be ${PREFIX} and ${LEAST_BYTES} to ${MOST_BYTES} bytes in base64`;
  throw invalid('invalid-secret', `The secret ${message}.`, { violations: [{ pointer: '#/secret', message }] });
}
