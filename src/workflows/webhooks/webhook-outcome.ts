import type { OutboundAnswer } from '../../platform/outbound/outbound.js';
import type { OutboundFailure } from '../../platform/outbound/outbound-failure.js';

/** Bytes of an answer that are kept. */
const KEPT_BYTES = 1024;
const MAX_ERROR_LENGTH = 500;
const LONGEST_PAUSE_SECONDS = 86_400;
/** Refusals that pass: too slow, in each other's way, too early, too many. */
const PASSING_REFUSALS: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** What one attempt to deliver a webhook came to. */
export interface WebhookOutcome {
  /** `unknown`: the receiver may have got it, and did not say so. */
  readonly status: 'delivered' | 'failed' | 'unknown';
  /** Whether the same webhook may be taken later. */
  readonly isPassing: boolean;
  /** Status of the answer; null when there was none. */
  readonly responseStatus: number | null;
  /** How the answer begins, at most 1 KiB. */
  readonly responseBody: string | null;
  /** Why it was not delivered, in words. */
  readonly error: string | null;
  /** What the receiver asked to be spared before the next attempt; absent when it did not. */
  readonly retryAfterSeconds?: number;
}

/** What an answer means: 2xx is the only good one. A redirect is not followed, since it could lead anywhere. */
export function outcomeOfAnswer({ status, headers, body }: OutboundAnswer): WebhookOutcome {
  const kept = { responseStatus: status, responseBody: beginningOf(body) };
  if (status >= 200 && status < 300) return { ...kept, status: 'delivered', isPassing: false, error: null };
  const isPassing = status >= 500 || PASSING_REFUSALS.has(status);
  const isRedirect = status >= 300 && status < 400;
  const error = isRedirect
    ? `The receiver answered ${status}, a redirect; redirects are not followed. Change the URL of the endpoint.`
    : `The receiver answered ${status}.`;
  const retryAfterSeconds = isPassing ? secondsOf(headers['retry-after']) : undefined;
  return { ...kept, status: 'failed', isPassing, error, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

/** `Retry-After` (RFC 9110, 10.2.3): seconds, or a date; at most a day, because anybody may answer anything. */
function secondsOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  const text = retryAfter.trim();
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - Date.now()) / 1000);
  return seconds > 0 ? Math.min(seconds, LONGEST_PAUSE_SECONDS) : undefined;
}

/** What a call without an answer means. */
export const outcomeOfFailure = ({ outcome, code, message }: OutboundFailure): WebhookOutcome => ({
  status: outcome === 'unknown' ? 'unknown' : 'failed',
  isPassing: outcome !== 'refused',
  responseStatus: null,
  responseBody: null,
  error: `${outcome === 'unknown' ? 'No answer came' : 'It was not sent'} (${code}): ${message}`.slice(
    0,
    MAX_ERROR_LENGTH,
  ),
});

/** An attempt whose process ended before anybody could write down what came of it. */
export const LOST_OUTCOME: WebhookOutcome = {
  status: 'unknown',
  isPassing: true,
  responseStatus: null,
  responseBody: null,
  error: 'The process that sent it ended before the answer was stored.',
};

/** An attempt that was not begun, for the reason that `error` tells. */
export const unsentOutcome = (error: string): WebhookOutcome => ({
  status: 'failed',
  isPassing: false,
  responseStatus: null,
  responseBody: null,
  error: error.slice(0, MAX_ERROR_LENGTH),
});

/** The database's texts hold no NUL; a character that was cut in two at the end is left out. */
const beginningOf = (body: string): string =>
  Buffer.from(body)
    .subarray(0, KEPT_BYTES)
    .toString()
    .replace(/\uFFFD$/, '')
    .replaceAll('\0', '');
