import { EntitySchema } from '@mikro-orm/core';
import { classOf, organizationFilter } from '../../platform/database/mapping.js';
import { Session } from './session.js';

export const SessionSchema = new EntitySchema<Session>({
  class: classOf(Session),
  tableName: 'sessions',
  filters: organizationFilter,
  properties: {
    id: { type: 'uuid', primary: true },
    organizationId: { type: 'uuid' },
    userId: { type: 'uuid' },
    familyHash: { type: 'blob', columnType: 'bytea' },
    tokenHash: { type: 'blob', columnType: 'bytea' },
    userAgent: { type: 'text', nullable: true },
    createdAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    refreshedAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    expiresAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    revokedAt: { type: 'datetime', columnType: 'timestamptz(3)', nullable: true },
    version: { type: 'integer', version: true },
  },
});
