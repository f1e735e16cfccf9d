import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Page, PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { listNewestFirst } from '../../../platform/database/list-newest-first.js';
import { TEMPLATE_COLUMNS, type EmailTemplateAnswer } from '../email-template-rows.js';

/** The organization's mail templates, newest first. */
export class ListEmailTemplates extends Query<Page<EmailTemplateAnswer>> {
  constructor(
    readonly actor: Actor,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListEmailTemplates)
export class ListEmailTemplatesHandler implements IQueryHandler<ListEmailTemplates> {
  constructor(private readonly sql: Sql) {}

  execute({ actor, page }: ListEmailTemplates): Promise<Page<EmailTemplateAnswer>> {
    const { organizationId } = actor;
    const listing = {
      select: TEMPLATE_COLUMNS,
      from: 'email_templates',
      where: 'organization_id = $1 and archived_at is null',
      values: [organizationId],
    };
    return listNewestFirst<EmailTemplateAnswer>(this.sql, organizationId, listing, page);
  }
}
