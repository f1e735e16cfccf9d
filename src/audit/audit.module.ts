import { Global, Module } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { Pools } from '../platform/database/pools.js';
import { EventTypes } from './event-types.js';
import { Installation } from './installation.js';
import { Recorder } from './recorder.js';
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
      inject: [Pools],
      useFactory: (pools: Pools) => new Recorder(pools.get('recorder', { role: 'recorder', max: 2 })),
    },
  ],
  exports: [EventTypes, Installation, Recorder, UnitOfWork],
})
export class AuditModule {}
