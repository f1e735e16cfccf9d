import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Page, PageRequest } from '../../../kernel/page.js';
import { listNewestFirst } from '../../../platform/database/list-newest-first.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { DeliveryStatus } from '../webhook-outbox.js';

/** A webhook with what became of it. */
export interface WebhookDeliverySummary {
  readonly id: string;
  readonly endpointId: string;
  readonly endpointName: string;
  /** Null when a person had a test sent. */
  readonly executionId: string | null;
  /** What receivers get as the header `webhook-id`, the same for every attempt. */
  readonly webhookId: string;
  readonly type: string;
  readonly status: DeliveryStatus;
  /** Attempts so far, those that were asked for and are not made yet among them. */
  readonly attemptCount: number;
  readonly createdAt: Date;
  readonly deliveredAt: Date | null;
}

export interface WebhookDeliveryFilter {
  readonly endpointId?: string;
  readonly status?: DeliveryStatus;
  readonly executionId?: string;
}

export const DELIVERY_COLUMNS = `id, endpoint_id as "endpointId", (select endpoint.name from webhook_endpoints endpoint
    where endpoint.organization_id = delivery.organization_id and endpoint.id = delivery.endpoint_id) as "endpointName",
  execution_id as "executionId", webhook_id as "webhookId", type, status, attempts as "attemptCount",
  created_at as "createdAt", delivered_at as "deliveredAt"`;

/** The organization's webhooks, newest first. */
export class ListWebhookDeliveries extends Query<Page<WebhookDeliverySummary>> {
  constructor(
    readonly actor: Actor,
    readonly page: PageRequest,
    readonly filter: WebhookDeliveryFilter,
  ) {
    super();
  }
}

@QueryHandler(ListWebhookDeliveries)
export class ListWebhookDeliveriesHandler implements IQueryHandler<ListWebhookDeliveries> {
  constructor(private readonly sql: Sql) {}

  execute({ actor, page, filter }: ListWebhookDeliveries): Promise<Page<WebhookDeliverySummary>> {
    const { endpointId = null, status = null, executionId = null } = filter;
    const listing = {
      select: DELIVERY_COLUMNS,
      from: 'webhook_deliveries delivery',
      where: `organization_id = $1 and ($2::uuid is null or endpoint_id = $2) and ($3::text is null or status = $3)
        and ($4::uuid is null or execution_id = $4)`,
      values: [actor.organizationId, endpointId, status, executionId],
    };
    return listNewestFirst<WebhookDeliverySummary>(this.sql, actor.organizationId, listing, page);
  }
}
