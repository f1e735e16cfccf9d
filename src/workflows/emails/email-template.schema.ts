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
    text: { type: 'text' },
    createdAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    updatedAt: { type: 'datetime', columnType: 'timestamptz(3)' },
  },
});
