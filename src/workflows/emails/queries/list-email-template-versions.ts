import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { listWindow, type Page, pageOf, type PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { MailSource } from '../rendering/render-mail.js';

/** One saved version, as its author wrote it. */
export interface EmailTemplateVersionRow extends MailSource, Record<string, unknown> {
  readonly version: number;
  readonly name: string;
  readonly createdAt: Date;
  /** Null for what was saved before versions were kept. */
  readonly createdBy: string | null;
}

/** The versions of a mail template, newest first; those of a removed one too, because mails name them. */
export class ListEmailTemplateVersions extends Query<Page<EmailTemplateVersionRow>> {
  constructor(
    readonly actor: Actor,
    readonly templateId: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListEmailTemplateVersions)
export class ListEmailTemplateVersionsHandler implements IQueryHandler<ListEmailTemplateVersions> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, templateId, page }: ListEmailTemplateVersions): Promise<Page<EmailTemplateVersionRow>> {
    const { organizationId } = actor;
    const { take, skip, after } = listWindow(page, 1);
    const [count] = await this.sql.read<{ total: number }>(
      organizationId,
      'select count(*)::int as total from email_template_versions where organization_id = $1 and template_id = $2',
      [organizationId, templateId],
    );
    if (!count?.total) throw notFound('The mail template', templateId);
    const rows = await this.sql.read<EmailTemplateVersionRow>(
      organizationId,
      `select version, name, subject, body, text, created_at as "createdAt", created_by as "createdBy"
       from email_template_versions
       where organization_id = $1 and template_id = $2 and ($3::integer is null or version < $3)
       order by version desc limit ${take} offset ${skip}`,
      [organizationId, templateId, ...after],
    );
    return pageOf(rows, page, count.total, ({ version }) => [version]);
  }
}
