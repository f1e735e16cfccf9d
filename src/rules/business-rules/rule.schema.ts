import { EntitySchema } from '@mikro-orm/core';
import { classOf, organizationFilter } from '../../platform/database/mapping.js';
import { Rule } from './rule.js';

export const RuleSchema = new EntitySchema<Rule>({
  class: classOf(Rule),
  tableName: 'rules',
  filters: organizationFilter,
  properties: {
    id: { type: 'uuid', primary: true },
    organizationId: { type: 'uuid' },
    version: { type: 'integer', version: true },
    entryPoint: { type: 'text' },
    importedKey: { type: 'text', nullable: true },
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
