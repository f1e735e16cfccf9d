import { notFound, stale } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import type { JsonObject } from '../../kernel/json.js';
import { mutable } from '../../platform/database/mapping.js';

const DAY_MS = 86_400_000;

/** What an author says of an endpoint. */
export interface AuthoredEndpoint {
  /** By which steps name it: `billing`. */
  readonly name: string;
  readonly url: string;
  readonly description: string | null;
  /** Whether steps may send to it. */
  readonly isEnabled: boolean;
}

/** Somebody else's server that takes webhooks, with the secret that signs them. Secrets are here as they are stored: encrypted. */
export class WebhookEndpoint {
  readonly id!: string;
  readonly organizationId!: string;
  readonly version!: number;
  readonly name!: string;
  readonly url!: string;
  readonly description!: string | null;
  readonly isEnabled!: boolean;
  /** Null once the endpoint is removed. */
  readonly secret!: JsonObject | null;
  /** The secret before the last rotation. */
  readonly previousSecret!: JsonObject | null;
  /** Until when the previous secret signs too. */
  readonly previousSecretUntil!: Date | null;
  readonly createdAt!: Date;
  readonly updatedAt!: Date;
  /** Kept for its deliveries. */
  readonly removedAt!: Date | null;

  private constructor() {}

  static create(
    place: { id: string; organizationId: string },
    authored: AuthoredEndpoint,
    secret: JsonObject,
    now: Date,
  ): { endpoint: WebhookEndpoint; events: DomainEvent[] } {
    const endpoint = new WebhookEndpoint();
    const none = { previousSecret: null, previousSecretUntil: null, removedAt: null };
    Object.assign(mutable(endpoint), place, authored, { secret, createdAt: now, updatedAt: now, ...none });
    return { endpoint, events: [endpoint.event('created', endpoint.described())] };
  }

  /** @throws stale */
  change(authored: AuthoredEndpoint, now: Date, expectedVersion: number | undefined): DomainEvent[] {
    this.expectVersion(expectedVersion);
    Object.assign(mutable<WebhookEndpoint>(this), authored, { updatedAt: now });
    return [this.event('changed', this.described())];
  }

  /** Signs with another secret from now on, and for 24 hours with this one too. @throws stale */
  rotate(secret: JsonObject, now: Date, expectedVersion: number | undefined): DomainEvent[] {
    this.expectVersion(expectedVersion);
    const previousSecretUntil = new Date(now.getTime() + DAY_MS);
    const rotated = { secret, previousSecret: this.secret, previousSecretUntil, updatedAt: now };
    Object.assign(mutable<WebhookEndpoint>(this), rotated);
    return [this.event('secret-rotated', { previousSecretUntil: previousSecretUntil.toISOString() })];
  }

  /** Takes no more webhooks, and forgets its secrets. @throws stale */
  remove(now: Date, expectedVersion: number | undefined): DomainEvent[] {
    this.expectVersion(expectedVersion);
    const forgotten = { secret: null, previousSecret: null, previousSecretUntil: null };
    Object.assign(mutable<WebhookEndpoint>(this), forgotten, { removedAt: now, updatedAt: now });
    return [this.event('removed', {})];
  }

  /** @throws not-found when it was removed */
  expectPresent(): void {
    if (this.removedAt !== null) throw notFound('The webhook endpoint', this.id);
  }

  // Of the URL the host alone: paths and queries of such addresses are often secrets themselves.
  private described(): JsonObject {
    return { host: new URL(this.url).host, isEnabled: this.isEnabled };
  }

  private event(type: string, payload: JsonObject): DomainEvent {
    return { type: `workflows.webhook-endpoint-${type}`, version: 1, payload: { name: this.name, ...payload } };
  }

  private expectVersion(expectedVersion: number | undefined): void {
    if (expectedVersion === undefined || expectedVersion === this.version) return;
    throw stale(`The endpoint is at version ${this.version}, not ${expectedVersion}; read it again.`, {
      currentVersion: this.version,
    });
  }
}
