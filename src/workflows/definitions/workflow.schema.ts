import { EntitySchema } from '@mikro-orm/core';
import { classOf, organizationFilter } from '../../platform/database/mapping.js';
import { Workflow } from './workflow.js';

export const WorkflowSchema = new EntitySchema<Workflow>({
  class: classOf(Workflow),
  tableName: 'workflows',
  filters: organizationFilter,
  properties: {
    id: { type: 'uuid', primary: true },
    organizationId: { type: 'uuid' },
    version: { type: 'integer', version: true },
    definitionVersion: { type: 'integer' },
    definition: { type: 'json', columnType: 'jsonb' },
    isEnabled: { type: 'boolean' },
    createdAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    createdBy: { type: 'uuid' },
    updatedAt: { type: 'datetime', columnType: 'timestamptz(3)' },
    updatedBy: { type: 'uuid' },
    archivedAt: { type: 'datetime', columnType: 'timestamptz(3)', nullable: true },
  },
});
