import { EntitySchema } from '@mikro-orm/core';
import { classOf, organizationFilter } from '../../platform/database/mapping.js';
import { LeadImport } from './lead-import.js';

const instant = { type: 'datetime', columnType: 'timestamptz(3)' } as const;

export const LeadImportSchema = new EntitySchema<LeadImport>({
  class: classOf(LeadImport),
  tableName: 'lead_imports',
  filters: organizationFilter,
  properties: {
    id: { type: 'uuid', primary: true },
    organizationId: { type: 'uuid' },
    version: { type: 'integer', version: true },
    status: { type: 'text' },
    format: { type: 'text' },
    isDryRun: { type: 'boolean' },
    total: { type: 'integer' },
    created: { type: 'integer' },
    duplicate: { type: 'integer' },
    rejected: { type: 'integer' },
    nextChunk: { type: 'integer' },
    attempts: { type: 'integer' },
    leaseOwner: { type: 'uuid', nullable: true },
    leaseUntil: instant,
    correlationId: { type: 'text' },
    causeId: { type: 'uuid', nullable: true },
    failure: { type: 'text', nullable: true },
    createdAt: instant,
    createdBy: { type: 'uuid' },
    startedAt: { ...instant, nullable: true },
    finishedAt: { ...instant, nullable: true },
  },
});
