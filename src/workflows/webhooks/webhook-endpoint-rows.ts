import type { EntityManager } from '@mikro-orm/postgresql';
import { conflict, invalid, notFound } from '../../kernel/domain-error.js';
import type { Outbound } from '../../platform/outbound/outbound.js';
import { WebhookEndpoint } from './webhook-endpoint.js';

/** An endpoint as it is answered, without its secrets. */
export interface WebhookEndpointAnswer {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly url: string;
  readonly description: string | null;
  readonly enabled: boolean;
  /** Until when the secret before the last rotation signs too; null when none does. */
  readonly previousSecretUntil: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** An answer that shows the secret, this once. */
export interface WebhookEndpointWithSecret extends WebhookEndpointAnswer {
  readonly secret: string;
}

export const ENDPOINT_COLUMNS = `id, version, name, url, description, is_enabled as enabled,
  previous_secret_until as "previousSecretUntil", created_at as "createdAt", updated_at as "updatedAt"`;

export const endpointAnswer = (endpoint: WebhookEndpoint): WebhookEndpointAnswer => {
  const { id, version, name, url, description, isEnabled, previousSecretUntil, createdAt, updatedAt } = endpoint;
  return { id, version, name, url, description, enabled: isEnabled, previousSecretUntil, createdAt, updatedAt };
};

/** @throws not-found, also when it was removed */
export async function loadEndpoint(em: EntityManager, id: string): Promise<WebhookEndpoint> {
  const endpoint = await em.findOne(WebhookEndpoint, { id });
  if (!endpoint) throw notFound('The webhook endpoint', id);
  endpoint.expectPresent();
  return endpoint;
}

/** @throws conflict `endpoint-name-taken` */
export async function expectNameFree(em: EntityManager, { id, name }: WebhookEndpoint): Promise<void> {
  const [other] = await em.execute<{ id: string }[]>(
    'select id from webhook_endpoints where name = ? and id <> ? and removed_at is null',
    [name, id],
  );
  if (!other) return;
  throw conflict('endpoint-name-taken', `Another webhook endpoint is called "${name}"; choose another name.`, {
    endpointId: other.id,
  });
}

/** @throws invalid `webhook-target-refused` for a URL that could never be called */
export function expectCallable(outbound: Outbound, url: string): void {
  const fault = outbound.faultOf(url);
  if (fault === undefined) return;
  throw invalid('webhook-target-refused', `The URL cannot be called: ${fault}`, {
    violations: [{ pointer: '#/url', message: fault }],
  });
}
