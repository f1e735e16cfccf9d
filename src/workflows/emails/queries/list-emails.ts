import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Page, PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { listNewestFirst } from '../../../platform/database/list-newest-first.js';
import type { EmailStatus } from '../email-outbox.js';

/** A mail with what became of it. */
export interface EmailAnswer {
  readonly id: string;
  readonly executionId: string;
  readonly recipient: string;
  readonly subject: string;
  /** The plain text, or the text part of a mail with HTML. */
  readonly text: string;
  readonly html: string | null;
  /** What it was made from; null when its step brought the text itself. */
  readonly templateId: string | null;
  readonly templateVersion: number | null;
  readonly messageId: string;
  readonly status: EmailStatus;
  /** What the server answered, or why it could not be asked. */
  readonly smtpAnswer: string | null;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
}

export interface EmailFilter {
  readonly status?: EmailStatus;
  readonly executionId?: string;
}

/** The organization's mails, newest first. */
export class ListEmails extends Query<Page<EmailAnswer>> {
  constructor(
    readonly actor: Actor,
    readonly page: PageRequest,
    readonly filter: EmailFilter,
  ) {
    super();
  }
}

@QueryHandler(ListEmails)
export class ListEmailsHandler implements IQueryHandler<ListEmails> {
  constructor(private readonly sql: Sql) {}

  execute({ actor, page, filter }: ListEmails): Promise<Page<EmailAnswer>> {
    const listing = {
      select: `id, execution_id as "executionId", recipient, subject, text, html,
        template_id as "templateId", template_version as "templateVersion", message_id as "messageId", status,
        smtp_answer as "smtpAnswer", created_at as "createdAt", sent_at as "sentAt"`,
      from: 'emails',
      where: `organization_id = $1 and ($2::text is null or status = $2) and ($3::uuid is null or execution_id = $3)`,
      values: [actor.organizationId, filter.status ?? null, filter.executionId ?? null],
    };
    return listNewestFirst<EmailAnswer>(this.sql, actor.organizationId, listing, page);
  }
}
