import { EntitySchema } from '@mikro-orm/core';
import { classOf, organizationFilter } from '../../platform/database/mapping.js';
import { ApiKey } from './api-key.js';

/** `last_used_at` is not mapped: it is written beside the aggregate, and changes nothing about it. */
export const ApiKeySchema = new EntitySchema<ApiKey>({
  class: classOf(ApiKey),
  tableName: 'api_keys',
  filters: organizationFilter,
  properties: {
    id: { type: 'uuid', primary: true },
    organizationId: { type: 'uuid' },
    name: { type: 'text' },
    secretHash: { type: 'blob', columnType: 'bytea' },
    permissions: { type: 'array', columnType: 'text[]' },
    createdAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    expiresAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    revokedAt: { type: 'datetime', columnType: 'timestamptz(3)', nullable: true },
    version: { type: 'integer', version: true },
  },
});
