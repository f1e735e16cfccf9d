import { createHmac } from 'node:crypto';
import { keyOf } from './webhook-secret.js';

/** What a signature covers. */
export interface SignedMessage {
  /** Header `webhook-id`: the same for each attempt, so that receivers know what they have had. */
  readonly id: string;
  readonly sentAt: Date;
  readonly body: string;
}

/** The headers of Standard Webhooks, with a signature by each secret: during a rotation there are two. */
export function signedHeaders(secrets: readonly string[], { id, sentAt, body }: SignedMessage): Record<string, string> {
  const timestamp = Math.floor(sentAt.getTime() / 1000);
  const sign = (secret: string): string =>
    `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': secrets.map(sign).join(' '),
  };
}
