import type { EntityManager } from '@mikro-orm/postgresql';
import { conflict, notFound } from '../../kernel/domain-error.js';
import { EmailTemplate, type AuthoredTemplate } from './email-template.js';

/** A template as it is answered. */
export interface EmailTemplateAnswer extends AuthoredTemplate {
  readonly id: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const TEMPLATE_COLUMNS =
  'id, version, name, subject, text, created_at as "createdAt", updated_at as "updatedAt"';

export const templateAnswer = ({
  id,
  version,
  name,
  subject,
  text,
  createdAt,
  updatedAt,
}: EmailTemplateAnswer): EmailTemplateAnswer => ({ id, version, name, subject, text, createdAt, updatedAt });

/** @throws not-found */
export async function loadTemplate(em: EntityManager, id: string): Promise<EmailTemplate> {
  const template = await em.findOne(EmailTemplate, { id });
  if (!template) throw notFound('The mail template', id);
  return template;
}

/** @throws conflict `template-name-taken` */
export async function expectNameFree(em: EntityManager, { id, name }: EmailTemplate): Promise<void> {
  const [other] = await em.execute<{ id: string }[]>('select id from email_templates where name = ? and id <> ?', [
    name,
    id,
  ]);
  if (!other) return;
  throw conflict('template-name-taken', `Another mail template is called "${name}"; choose another name.`, {
    templateId: other.id,
  });
}
