import { DecimalType, EntitySchema } from '@mikro-orm/core';
import { classOf, organizationFilter } from '../../platform/database/mapping.js';
import { Lead } from './lead.js';
import type { Company, Contact } from './lead-details.js';

const CompanySchema = new EntitySchema<Company>({
  name: 'Company',
  embeddable: true,
  properties: {
    name: { type: 'text' },
    industry: { type: 'text', nullable: true },
    size: { type: 'text', nullable: true },
    website: { type: 'text', nullable: true },
    annualRevenue: { type: new DecimalType('number'), columnType: 'numeric(15, 2)', nullable: true },
  },
});

const ContactSchema = new EntitySchema<Contact>({
  name: 'Contact',
  embeddable: true,
  properties: {
    firstName: { type: 'text' },
    lastName: { type: 'text' },
    title: { type: 'text', nullable: true },
    email: { type: 'text' },
    phone: { type: 'text', nullable: true },
  },
});

export const LeadSchema = new EntitySchema<Lead>({
  class: classOf(Lead),
  tableName: 'leads',
  filters: organizationFilter,
  properties: {
    id: { type: 'uuid', primary: true },
    organizationId: { type: 'uuid' },
    version: { type: 'integer', version: true },
    source: { type: 'text' },
    sourceDetail: { type: 'text', nullable: true },
    status: { type: 'text' },
    score: { type: 'smallint' },
    company: { kind: 'embedded', entity: () => CompanySchema },
    contact: { kind: 'embedded', entity: () => ContactSchema },
    requirements: { type: 'json', columnType: 'jsonb', nullable: true },
    assigneeId: { type: 'uuid', nullable: true },
    foldedEmail: { type: 'text' },
    phoneE164: { type: 'text', fieldName: 'phone_e164', nullable: true },
    websiteDomain: { type: 'text', nullable: true },
    createdAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    createdBy: { type: 'uuid' },
    updatedAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    deletedAt: { type: 'datetime', columnType: 'timestamptz(3)', nullable: true },
  },
});
