import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { ENDPOINT_COLUMNS, type WebhookEndpointAnswer } from '../webhook-endpoint-rows.js';

/** One webhook endpoint, without its secrets. */
export class GetWebhookEndpoint extends Query<WebhookEndpointAnswer> {
  constructor(
    readonly actor: Actor,
    readonly endpointId: string,
  ) {
    super();
  }
}

@QueryHandler(GetWebhookEndpoint)
export class GetWebhookEndpointHandler implements IQueryHandler<GetWebhookEndpoint> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, endpointId }: GetWebhookEndpoint): Promise<WebhookEndpointAnswer> {
    const [endpoint] = await this.sql.read<WebhookEndpointAnswer & Record<string, unknown>>(
      actor.organizationId,
      `select ${ENDPOINT_COLUMNS} from webhook_endpoints
       where organization_id = $1 and id = $2 and removed_at is null`,
      [actor.organizationId, endpointId],
    );
    if (!endpoint) throw notFound('The webhook endpoint', endpointId);
    return endpoint;
  }
}
