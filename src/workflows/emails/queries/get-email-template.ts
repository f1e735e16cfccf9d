import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { TEMPLATE_COLUMNS, type EmailTemplateAnswer } from '../email-template-rows.js';

/** One mail template. */
export class GetEmailTemplate extends Query<EmailTemplateAnswer> {
  constructor(
    readonly actor: Actor,
    readonly templateId: string,
  ) {
    super();
  }
}

@QueryHandler(GetEmailTemplate)
export class GetEmailTemplateHandler implements IQueryHandler<GetEmailTemplate> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, templateId }: GetEmailTemplate): Promise<EmailTemplateAnswer> {
    const [template] = await this.sql.read<EmailTemplateAnswer & Record<string, unknown>>(
      actor.organizationId,
      `select ${TEMPLATE_COLUMNS} from email_templates where organization_id = $1 and id = $2 and archived_at is null`,
      [actor.organizationId, templateId],
    );
    if (!template) throw notFound('The mail template', templateId);
    return template;
  }
}
