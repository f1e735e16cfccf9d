import { EntitySchema } from '@mikro-orm/core';
import { classOf, organizationFilter } from '../../platform/database/mapping.js';
import { Invitation } from './invitation.js';

export const InvitationSchema = new EntitySchema<Invitation>({
  class: classOf(Invitation),
  tableName: 'invitations',
  filters: organizationFilter,
  properties: {
    id: { type: 'uuid', primary: true },
    organizationId: { type: 'uuid' },
    userId: { type: 'uuid' },
    secretHash: { type: 'blob', columnType: 'bytea' },
    createdAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    expiresAt: { type: 'datetime', columnType: 'timestamptz(3)' },
  },
});
