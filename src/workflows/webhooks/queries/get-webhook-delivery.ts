import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { DELIVERY_COLUMNS, type WebhookDeliverySummary } from './list-webhook-deliveries.js';

/** One attempt to deliver a webhook. */
export interface WebhookAttempt {
  readonly attempt: number;
  readonly status: 'due' | 'sending' | 'delivered' | 'unknown' | 'failed';
  readonly url: string;
  /** Person or API key that asked for it; null for a step's own. */
  readonly requestedBy: string | null;
  readonly startedAt: Date | null;
  readonly durationMs: number | null;
  readonly responseStatus: number | null;
  readonly responseBody: string | null;
  readonly error: string | null;
}

/** A webhook with its bytes and its attempts. */
export interface WebhookDeliveryDetails extends WebhookDeliverySummary {
  readonly body: string;
  /** In their order; the newest 100. */
  readonly attempts: readonly WebhookAttempt[];
}

const ATTEMPTS = `select attempt, status, url, requested_by as "requestedBy", started_at as "startedAt",
    duration_ms as "durationMs", response_status as "responseStatus", response_body as "responseBody", error
  from webhook_attempts where organization_id = $1 and delivery_id = $2 order by attempt desc limit 100`;

export class GetWebhookDelivery extends Query<WebhookDeliveryDetails> {
  constructor(
    readonly actor: Actor,
    readonly deliveryId: string,
  ) {
    super();
  }
}

@QueryHandler(GetWebhookDelivery)
export class GetWebhookDeliveryHandler implements IQueryHandler<GetWebhookDelivery> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, deliveryId }: GetWebhookDelivery): Promise<WebhookDeliveryDetails> {
    const { organizationId } = actor;
    const values = [organizationId, deliveryId];
    const [[delivery], attempts] = await Promise.all([
      this.sql.read<Omit<WebhookDeliveryDetails, 'attempts'> & Record<string, unknown>>(
        organizationId,
        `select ${DELIVERY_COLUMNS}, body from webhook_deliveries delivery where organization_id = $1 and id = $2`,
        values,
      ),
      this.sql.read<WebhookAttempt & Record<string, unknown>>(organizationId, ATTEMPTS, values),
    ]);
    if (!delivery) throw notFound('The webhook delivery', deliveryId);
    return { ...delivery, attempts: attempts.reverse() };
  }
}
