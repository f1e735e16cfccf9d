import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';

/** A workflow's webhook without what opens it. */
export interface WebhookDetails extends Record<string, unknown> {
  readonly tokenPrefix: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly rotatedAt: Date | null;
}

/** The webhook of a workflow. */
export class GetWebhook extends Query<WebhookDetails> {
  constructor(
    readonly actor: Actor,
    readonly workflowId: string,
  ) {
    super();
  }
}

@QueryHandler(GetWebhook)
export class GetWebhookHandler implements IQueryHandler<GetWebhook> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor: { organizationId }, workflowId }: GetWebhook): Promise<WebhookDetails> {
    const [row] = await this.sql.read<WebhookDetails>(
      organizationId,
      `select 'prh_' || replace(webhook.id::text, '-', '') as "tokenPrefix", webhook.created_at as "createdAt",
         webhook.created_by as "createdBy", webhook.rotated_at as "rotatedAt"
       from workflow_webhooks webhook
       join workflows on workflows.organization_id = webhook.organization_id and workflows.id = webhook.workflow_id
       where webhook.organization_id = $1 and webhook.workflow_id = $2 and workflows.archived_at is null`,
      [organizationId, workflowId],
    );
    if (!row) throw notFound('The webhook of workflow', workflowId);
    return row;
  }
}
