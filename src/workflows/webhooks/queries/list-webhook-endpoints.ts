import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Page, PageRequest } from '../../../kernel/page.js';
import { listNewestFirst } from '../../../platform/database/list-newest-first.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { ENDPOINT_COLUMNS, type WebhookEndpointAnswer } from '../webhook-endpoint-rows.js';

/** The organization's webhook endpoints, newest first. */
export class ListWebhookEndpoints extends Query<Page<WebhookEndpointAnswer>> {
  constructor(
    readonly actor: Actor,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListWebhookEndpoints)
export class ListWebhookEndpointsHandler implements IQueryHandler<ListWebhookEndpoints> {
  constructor(private readonly sql: Sql) {}

  execute({ actor, page }: ListWebhookEndpoints): Promise<Page<WebhookEndpointAnswer>> {
    const { organizationId } = actor;
    const listing = {
      select: ENDPOINT_COLUMNS,
      from: 'webhook_endpoints',
      where: 'organization_id = $1 and removed_at is null',
      values: [organizationId],
    };
    return listNewestFirst<WebhookEndpointAnswer>(this.sql, organizationId, listing, page);
  }
}
