import type { EntityManager } from '@mikro-orm/postgresql';
import { conflict, notFound } from '../../kernel/domain-error.js';
import { EmailTemplate } from './email-template.js';
import type { MailSource } from './rendering/render-mail.js';

/** A template as it is answered. */
export interface EmailTemplateAnswer extends MailSource {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const TEMPLATE_COLUMNS =
  'id, version, name, subject, body, text, created_at as "createdAt", updated_at as "updatedAt"';

export const templateAnswer = (template: EmailTemplateAnswer): EmailTemplateAnswer => {
  const { id, version, name, subject, body, text, createdAt, updatedAt } = template;
  return { id, version, name, subject, body, text, createdAt, updatedAt };
};

/** @throws not-found, also for a removed one */
export async function loadTemplate(em: EntityManager, id: string): Promise<EmailTemplate> {
  const template = await em.findOne(EmailTemplate, { id, archivedAt: null });
  if (!template) throw notFound('The mail template', id);
  return template;
}

/** @throws conflict `template-name-taken` */
export async function expectNameFree(em: EntityManager, { id, name }: EmailTemplate): Promise<void> {
  const [other] = await em.execute<{ id: string }[]>(
    'select id from email_templates where name = ? and archived_at is null and id <> ?',
    [name, id],
  );
  if (!other) return;
  throw conflict('template-name-taken', `Another mail template is called "${name}"; choose another name.`, {
    templateId: other.id,
  });
}

/** Keeps the template as it is now as an immutable version. */
export async function insertVersion(em: EntityManager, template: EmailTemplate, userId: string): Promise<void> {
  await em.flush();
  const { organizationId, id, version, name, subject, body, text, updatedAt } = template;
  await em.execute(
    `insert into email_template_versions
       (organization_id, template_id, version, name, subject, body, text, created_at, created_by)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [organizationId, id, version, name, subject, body, text, updatedAt, userId],
  );
}
