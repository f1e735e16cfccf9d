import { MikroOrmModule } from '@mikro-orm/nestjs';
import { MikroORM, PostgreSqlDriver, type Options } from '@mikro-orm/postgresql';
import { Global, Module, type OnModuleInit } from '@nestjs/common';
import type pg from 'pg';
import { CONFIGURATION } from '../config/config.module.js';
import type { Configuration } from '../config/configuration.js';
import { HealthChecks } from '../health/health-checks.js';
import { Metrics } from '../metrics/metrics.js';
import { Database } from './database.js';
import { defineConnectionMetrics, QueryDuration } from './database-metrics.js';
import { sessionOptions, timeouts } from './pool.js';
import { Pools } from './pools.js';
import { releaseBroken } from './release-broken.js';
import { Sql } from './sql.js';
import { timeQueries } from './time-queries.js';

/** Half of the application's connections serve aggregates, half lone statements. */
const half = (configuration: Configuration): number => Math.max(1, Math.floor(configuration.DB_POOL_SIZE / 2));

/** The mapping's settings; entities come from `MikroOrmModule.forFeature` of the contexts. */
export function mappingOptions(configuration: Configuration, queryDuration: QueryDuration): Options {
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
      onPoolCreated: (pool: pg.Pool) => {
        releaseBroken(pool);
        timeQueries(pool, (seconds) => queryDuration.observe('aggregates', seconds));
      },
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

/** By itself, because the mapping is set up from outside of the module below. */
@Module({ providers: [QueryDuration], exports: [QueryDuration] })
class QueryDurationModule {}

@Global()
@Module({
  imports: [
    QueryDurationModule,
    MikroOrmModule.forRootAsync({
      driver: PostgreSqlDriver,
      imports: [QueryDurationModule],
      inject: [CONFIGURATION, QueryDuration],
      useFactory: mappingOptions,
    }) as never,
  ],
  providers: [
    { provide: Database, inject: [MikroORM], useFactory: (orm: MikroORM) => new Database(orm) },
    {
      provide: Pools,
      inject: [CONFIGURATION, QueryDuration],
      useFactory: (configuration: Configuration, duration: QueryDuration) =>
        new Pools(databaseUrlOf(configuration), (pool, seconds) => duration.observe(pool, seconds)),
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
export class DatabaseModule implements OnModuleInit {
  constructor(
    private readonly pools: Pools,
    private readonly sql: Sql,
    private readonly health: HealthChecks,
    private readonly metrics: Metrics,
  ) {}

  async onModuleInit(): Promise<void> {
    defineConnectionMetrics(this.metrics.registry, this.pools);
    const newest = await this.newestMigration();
    this.health.register('database', async () => void (await this.sql.pool.query('select 1')));
    this.health.register('migrations', async () => {
      const present = await this.newestMigration();
      if (present !== newest) throw new Error(`The schema is at ${present}, this process was made for ${newest}.`);
    });
  }

  private async newestMigration(): Promise<string> {
    const { rows } = await this.sql.pool.query<{ name: string }>('select max(name) as name from schema_migrations');
    return rows[0]!.name;
  }
}
