import { EntitySchema } from '@mikro-orm/core';
import { classOf } from '../../platform/database/mapping.js';
import { Organization } from './organization.js';

/** Its own id is what the policy compares, so the filter by `organizationId` does not apply. */
export const OrganizationSchema = new EntitySchema<Organization>({
  class: classOf(Organization),
  tableName: 'organizations',
  properties: {
    id: { type: 'uuid', primary: true },
    name: { type: 'text' },
    slug: { type: 'text' },
    version: { type: 'integer', version: true },
    createdAt: { type: 'datetime', columnType: 'timestamptz(3)' },
  },
});
