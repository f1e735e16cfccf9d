import { Global, Module } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import { Database } from '../platform/database/database.js';
import { Pools } from '../platform/database/pools.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { rowsAdopted } from './adoption.js';
import { EventTypes } from './event-types.js';
import { Installation } from './installation.js';
import { Recorder, type BatchListener } from './recorder.js';
import { UnitOfWork } from './unit-of-work.js';

@Global()
@Module({
  providers: [
    EventTypes,
    {
      provide: Installation,
      inject: [Pools],
      useFactory: (pools: Pools) => Installation.load(pools.get('recorder', { role: 'recorder', max: 2 })),
    },
    {
      provide: UnitOfWork,
      inject: [Database, EventTypes, Installation],
      useFactory: (database: Database, eventTypes: EventTypes, installation: Installation) =>
        new UnitOfWork(database, eventTypes, installation),
    },
    {
      provide: Recorder,
      inject: [Pools, Metrics],
      useFactory: (pools: Pools, metrics: Metrics) =>
        new Recorder(pools.get('recorder', { role: 'recorder', max: 2 }), batchMetrics(metrics)),
    },
  ],
  exports: [EventTypes, Installation, Recorder, UnitOfWork],
})
export class AuditModule {
  constructor(eventTypes: EventTypes) {
    eventTypes.register([rowsAdopted]);
  }
}

/** Rows and bytes of the batches that decisions are recorded in. */
function batchMetrics({ registry }: Metrics): BatchListener {
  const batchRows = new Histogram({
    name: 'audit_batch_rows',
    help: 'Decisions recorded in one commit',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200],
    registers: [registry],
  });
  const bytesTotal = new Counter({
    name: 'audit_bytes_total',
    help: 'Payload of recorded decisions, in characters of JSON',
    registers: [registry],
  });
  return (rows, bytes) => {
    batchRows.observe(rows);
    bytesTotal.inc(bytes);
  };
}
