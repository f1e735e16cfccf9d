import { EntitySchema } from '@mikro-orm/core';
import { classOf, organizationFilter } from '../../platform/database/mapping.js';
import { Backtest } from './backtest.js';

const instant = { type: 'datetime', columnType: 'timestamptz(3)' } as const;

export const BacktestSchema = new EntitySchema<Backtest>({
  class: classOf(Backtest),
  tableName: 'backtests',
  filters: organizationFilter,
  properties: {
    id: { type: 'uuid', primary: true },
    organizationId: { type: 'uuid' },
    version: { type: 'integer', version: true },
    ruleId: { type: 'uuid' },
    ruleVersion: { type: 'integer' },
    entryPoint: { type: 'text' },
    failurePolicy: { type: 'text' },
    ruleSetRevision: { type: 'integer' },
    from: { ...instant, fieldName: 'recorded_from' },
    to: { ...instant, fieldName: 'recorded_to' },
    sample: { type: 'double' },
    cpuShare: { type: 'double' },
    segmentPath: { type: 'text', nullable: true },
    status: { type: 'text' },
    cursorAt: instant,
    cursorId: { type: 'uuid' },
    result: { type: 'json', columnType: 'jsonb' },
    attempts: { type: 'integer' },
    leaseOwner: { type: 'uuid', nullable: true },
    leaseUntil: instant,
    correlationId: { type: 'text' },
    failure: { type: 'text', nullable: true },
    createdAt: instant,
    createdBy: { type: 'uuid' },
    startedAt: { ...instant, nullable: true },
    finishedAt: { ...instant, nullable: true },
  },
});
