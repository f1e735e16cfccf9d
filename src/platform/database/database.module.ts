import { MikroOrmModule } from '@mikro-orm/nestjs';
import { MikroORM, PostgreSqlDriver, type Options } from '@mikro-orm/postgresql';
import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { CONFIGURATION } from '../config/config.module.js';
import type { Configuration } from '../config/configuration.js';
import { HealthChecks } from '../health/health-checks.js';
import { Metrics } from '../metrics/metrics.js';
import { Database } from './database.js';
import { defineDatabaseMetrics } from './database-metrics.js';
import { sessionOptions, timeouts } from './pool.js';
import { Pools } from './pools.js';
import { releaseBroken } from './release-broken.js';
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
      onPoolCreated: releaseBroken,
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
export class DatabaseModule implements OnModuleInit {
  constructor(
    private readonly pools: Pools,
    private readonly sql: Sql,
    private readonly health: HealthChecks,
    private readonly metrics: Metrics,
  ) {}

  async onModuleInit(): Promise<void> {
    defineDatabaseMetrics(this.metrics.registry, this.pools);
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
