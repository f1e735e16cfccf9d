import { EntitySchema } from '@mikro-orm/core';
import { classOf, organizationFilter } from '../../platform/database/mapping.js';
import { CustomEntryPoint } from './custom-entry-point.js';

export const CustomEntryPointSchema = new EntitySchema<CustomEntryPoint>({
  class: classOf(CustomEntryPoint),
  tableName: 'entry_points',
  filters: organizationFilter,
  properties: {
    id: { type: 'uuid', primary: true },
    organizationId: { type: 'uuid' },
    version: { type: 'integer', version: true },
    name: { type: 'text' },
    description: { type: 'text' },
    schema: { type: 'json', columnType: 'jsonb' },
    writableFields: { type: 'array', columnType: 'text[]' },
    failurePolicy: { type: 'text' },
    sensitivePaths: { type: 'array', columnType: 'text[]' },
    personalPaths: { type: 'array', columnType: 'text[]' },
    createdAt: { type: 'datetime', columnType: 'timestamptz(3)' },
  },
});
