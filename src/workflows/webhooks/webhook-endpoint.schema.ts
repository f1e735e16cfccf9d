import { EntitySchema } from '@mikro-orm/core';
import { classOf, organizationFilter } from '../../platform/database/mapping.js';
import { WebhookEndpoint } from './webhook-endpoint.js';

export const WebhookEndpointSchema = new EntitySchema<WebhookEndpoint>({
  class: classOf(WebhookEndpoint),
  tableName: 'webhook_endpoints',
  filters: organizationFilter,
  properties: {
    id: { type: 'uuid', primary: true },
    organizationId: { type: 'uuid' },
    version: { type: 'integer', version: true },
    name: { type: 'text' },
    url: { type: 'text' },
    description: { type: 'text', nullable: true },
    isEnabled: { type: 'boolean' },
    secret: { type: 'json', columnType: 'jsonb', nullable: true },
    previousSecret: { type: 'json', columnType: 'jsonb', nullable: true },
    previousSecretUntil: { type: 'datetime', columnType: 'timestamptz(3)', nullable: true },
    createdAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    updatedAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    removedAt: { type: 'datetime', columnType: 'timestamptz(3)', nullable: true },
  },
});
