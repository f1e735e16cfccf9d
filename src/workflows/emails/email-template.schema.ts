import { EntitySchema } from '@mikro-orm/core';
import { classOf, organizationFilter } from '../../platform/database/mapping.js';
import { EmailTemplate } from './email-template.js';

export const EmailTemplateSchema = new EntitySchema<EmailTemplate>({
  class: classOf(EmailTemplate),
  tableName: 'email_templates',
  filters: organizationFilter,
  properties: {
    id: { type: 'uuid', primary: true },
    organizationId: { type: 'uuid' },
    version: { type: 'integer', version: true },
    name: { type: 'text' },
    subject: { type: 'text' },
    body: { type: 'text', nullable: true },
    text: { type: 'text', nullable: true },
    createdAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    updatedAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    archivedAt: { type: 'datetime', columnType: 'timestamptz(3)', nullable: true },
  },
});
