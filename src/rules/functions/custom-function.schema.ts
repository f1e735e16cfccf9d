import { EntitySchema } from '@mikro-orm/core';
import { classOf, organizationFilter } from '../../platform/database/mapping.js';
import { CustomFunction } from './custom-function.js';

export const CustomFunctionSchema = new EntitySchema<CustomFunction>({
  class: classOf(CustomFunction),
  tableName: 'rule_functions',
  filters: organizationFilter,
  properties: {
    id: { type: 'uuid', primary: true },
    organizationId: { type: 'uuid' },
    version: { type: 'integer', version: true },
    name: { type: 'text' },
    definitionVersion: { type: 'integer' },
    liveVersion: { type: 'integer', nullable: true },
    definition: { type: 'json', columnType: 'jsonb' },
    createdAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    createdBy: { type: 'uuid' },
    updatedAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    updatedBy: { type: 'uuid' },
    archivedAt: { type: 'datetime', columnType: 'timestamptz(3)', nullable: true },
  },
});
