import { EntitySchema } from '@mikro-orm/core';
import { classOf, organizationFilter } from '../../platform/database/mapping.js';
import { Member } from './member.js';

export const MemberSchema = new EntitySchema<Member>({
  class: classOf(Member),
  tableName: 'memberships',
  filters: organizationFilter,
  properties: {
    organizationId: { type: 'uuid', primary: true },
    id: { type: 'uuid', primary: true, fieldName: 'user_id' },
    name: { type: 'text' },
    roles: { type: 'array', columnType: 'text[]' },
    status: { type: 'text' },
    version: { type: 'integer', version: true },
    createdAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    joinedAt: { type: 'datetime', columnType: 'timestamptz(3)', nullable: true },
  },
});
