import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** How far the sender's clock and ours may lie apart, and how long a request may be on its way. */
export const WINDOW_MS = 5 * 60_000;

/** A new secret in the form of Standard Webhooks: `whsec_` and 32 random bytes in base64. */
export const newWebhookSecret = (): string => SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64');

/** What a sender says about a request in the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. */
export interface SignedRequest {
  readonly id: string;
  /** Whole seconds since 1970. */
  readonly timestamp: string;
  /** `v1,<base64>`; several, with blanks between them, while a sender changes its secret. */
  readonly signatures: string;
  /** As it came. */
  readonly body: Buffer;
}

/** Whether a timestamp is a time within the window around `now`. */
export const isWithinWindow = (timestamp: string, now: Date): boolean =>
  /^\d{1,12}$/.test(timestamp) && Math.abs(Number(timestamp) * 1000 - now.getTime()) <= WINDOW_MS;

/** Whether one of the signatures is that of this very request with this secret; takes as long whatever the answer is. */
export function isSigned({ id, timestamp, signatures, body }: SignedRequest, secret: string): boolean {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice(3), 'base64'))
    .some((signature) => signature.length === expected.length && timingSafeEqual(signature, expected));
}
