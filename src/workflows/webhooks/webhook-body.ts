import { invalid } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';

const MAX_BYTES = 256 * 1024;

/** What a webhook tells. */
export interface WebhookMessage {
  /** What happened, `order.shipped`. */
  readonly type: string;
  readonly data: JsonObject;
}

/** The body as Standard Webhooks recommends it; made once and stored, since each attempt sends the same bytes. @throws invalid `webhook-too-large` */
export function webhookBody({ type, data }: WebhookMessage, now: Date): string {
  const body = JSON.stringify({ type, timestamp: now.toISOString(), data });
  if (Buffer.byteLength(body) <= MAX_BYTES) return body;
  throw invalid(
    'webhook-too-large',
    `The webhook has more than ${MAX_BYTES} bytes; send less, or an address to fetch.`,
  );
}
