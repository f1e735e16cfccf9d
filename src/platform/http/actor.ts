import type { Subject } from '../../kernel/domain-event.js';

/** A request that may be repeated with the same outcome: what the caller sent as `Idempotency-Key`, and for what. */
export interface IdempotentRequest {
  readonly key: string;
  /** Method and route pattern, `POST /api/v1/leads`. */
  readonly route: string;
  /** SHA-256 of the canonical body. */
  readonly requestHash: Buffer;
}

/**
 * Who asks, in which organization, and on which trail of causes. Made by the access guard for a request and by the
 * worker for a job; travels as the first argument through commands and queries into the unit of work.
 */
export interface Actor {
  readonly type: 'user' | 'api-key' | 'system';
  /** User, API key, or the nil UUID for the system itself. */
  readonly id: string;
  readonly organizationId: string;
  readonly roles: readonly string[];
  /** Granted permissions, `resource:action`. */
  readonly permissions: ReadonlySet<string>;
  /** Session of a signed-in user. */
  readonly sessionId?: string;
  /** Names the trail: the caller's own, or the id of its W3C trace, or made for the request; events and jobs carry it on. */
  readonly correlationId: string;
  /** The event that made this happen. */
  readonly causationId?: string;
  /** How many events lie between the first cause and this; 0 for a request. */
  readonly depth: number;
  /** What the causing event was about; caused events take it over. */
  readonly subject?: Subject;
  /** Present on routes that are marked idempotent when the caller sent a key. */
  readonly idempotency?: IdempotentRequest;
}
