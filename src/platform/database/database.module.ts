import { MikroOrmModule } from '@mikro-orm/nestjs';
import { MikroORM, PostgreSqlDriver, type Options } from '@mikro-orm/postgresql';
import { Global, Module } from '@nestjs/common';
import { CONFIGURATION } from '../config/config.module.js';
import type { Configuration } from '../config/configuration.js';
import { Database } from './database.js';
import { sessionOptions, timeouts } from './pool.js';
import { Pools } from './pools.js';
import { Sql } from './sql.js';

/** Half of the application's connections serve aggregates, half lone statements. */
const half = (configuration: Configuration): number => Math.max(1, Math.floor(configuration.DB_POOL_SIZE / 2));

/** The mapping's settings; entities come from `MikroOrmModule.forFeature` of the contexts. */
export function mappingOptions(configuration: Configuration): Options {
  return {
    clientUrl: databaseUrlOf(configuration),
    autoLoadEntities: true,
    autoJoinRefsForFilters: false,
    ensureDatabase: false,
    registerRequestContext: false,
    discovery: { warnWhenNoEntities: false },
    logger: () => undefined,
    pool: { min: 0, max: half(configuration), idleTimeoutMillis: timeouts.idle },
    driverOptions: {
      options: sessionOptions({ role: 'app' }),
      application_name: 'proviso-aggregates',
      connectionTimeoutMillis: timeouts.acquire,
      keepAlive: true,
    },
    schemaGenerator: {
      ignoreSchema: ['bullmq'],
      skipViews: [/.*/],
      ignoreTriggers: true,
      ignoreRoutines: true,
      ignorePolicies: true,
    },
  } as Options;
}

function databaseUrlOf(configuration: Configuration): string {
  if (!configuration.databaseUrl) throw new Error('The database must be started before the application is.');
  return configuration.databaseUrl;
}

@Global()
@Module({
  imports: [
    MikroOrmModule.forRootAsync({
      driver: PostgreSqlDriver,
      inject: [CONFIGURATION],
      useFactory: mappingOptions,
    }) as never,
  ],
  providers: [
    { provide: Database, inject: [MikroORM], useFactory: (orm: MikroORM) => new Database(orm) },
    {
      provide: Pools,
      inject: [CONFIGURATION],
      useFactory: (configuration: Configuration) => new Pools(databaseUrlOf(configuration)),
    },
    {
      provide: Sql,
      inject: [Pools, CONFIGURATION],
      useFactory: (pools: Pools, configuration: Configuration) =>
        new Sql(pools.get('statements', { role: 'app', max: half(configuration), pipeline: true })),
    },
  ],
  exports: [Database, Pools, Sql],
})
export class DatabaseModule {}
