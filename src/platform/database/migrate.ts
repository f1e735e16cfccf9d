import { fileURLToPath } from 'node:url';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { databaseRoles } from './roles.js';

const LEAST_SERVER_VERSION = 170_000;
const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Where a migration stands. */
export interface MigrationStatus {
  readonly name: string;
  readonly executedAt: Date | undefined;
}

/**
 * Brings a database to the newest schema, under an advisory lock so that several processes may start at once. Makes
 * the roles first and lets `loginUrl`'s user (by default the owner's own) act under all of them but the owner.
 * @returns the names of the migrations that were applied
 * @throws Error when the server is older than PostgreSQL 17 or the login may not create roles
 */
export async function migrate(ownerUrl: string, loginUrl: string = ownerUrl): Promise<string[]> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(hashtextextended('proviso-migrations', 0))");
    await prepareRoles(client, new URL(loginUrl).username);
    const applied = await withMigrator(ownerUrl, async (migrator) => (await migrator.up()).map(({ name }) => name));
    if (applied.length > 0) await client.query(`grant select on schema_migrations to ${databaseRoles.app}`);
    return applied;
  } finally {
    await client.end();
  }
}

/** Every migration of this build with the time it was applied, in order. */
export function migrationStatus(ownerUrl: string): Promise<MigrationStatus[]> {
  return withMigrator(ownerUrl, async (migrator) => {
    const executed = await migrator.getExecuted();
    const pending = await migrator.getPending();
    return [
      ...executed.map(({ name, executed_at }) => ({ name, executedAt: executed_at })),
      ...pending.map(({ name }) => ({ name, executedAt: undefined })),
    ];
  });
}

async function withMigrator<R>(ownerUrl: string, work: (migrator: Migrator) => Promise<R>): Promise<R> {
  const orm = await MikroORM.init({
    clientUrl: ownerUrl,
    entities: [],
    ensureDatabase: false,
    logger: () => undefined,
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    driverOptions: { options: `-c role=${databaseRoles.owner}` },
    migrations: { path: migrationsFolder, glob: '*.js', tableName: 'schema_migrations', snapshot: false },
  });
  try {
    return await work(orm.migrator as Migrator);
  } finally {
    await orm.close(true);
  }
}

async function prepareRoles(client: pg.Client, loginName: string): Promise<void> {
  const { rows } = await client.query<{ version: number; database: string }>(
    "select current_setting('server_version_num')::int as version, current_database() as database",
  );
  const { version, database } = rows[0]!;
  if (version < LEAST_SERVER_VERSION) {
    throw new Error(`PostgreSQL 17 or newer is needed; this server is ${Math.floor(version / 10_000)}.`);
  }
  for (const role of Object.values(databaseRoles)) {
    await client.query(
      `do $$ begin create role ${role} nologin nobypassrls;
       exception when duplicate_object or unique_violation then null; end $$`,
    );
  }
  const { owner, ...others } = databaseRoles;
  const login = decodeURIComponent(loginName);
  await grantRoles(client, [owner], 'current_user');
  await grantRoles(client, Object.values(others), owner);
  await grantRoles(client, Object.values(others), login);
  await client.query(`grant create on database ${pg.escapeIdentifier(database)} to ${owner}`);
  await client.query(`grant usage, create on schema public to ${owner}`);
  await client.query(`grant usage on schema public to ${Object.values(others).join(', ')}`);
  await client.query(`create schema if not exists bullmq authorization ${databaseRoles.queue}`);
}

/** Grants what is not granted yet: granting again would collide with another database of the cluster doing the same. */
async function grantRoles(client: pg.Client, roles: readonly string[], member: string): Promise<void> {
  const { rows } = await client.query<{ role: string; member: string }>(
    `select role, case when $2 = 'current_user' then current_user else $2 end as member
     from unnest($1::text[]) as role
     where not pg_has_role(case when $2 = 'current_user' then current_user else $2 end, role, 'set')`,
    [roles, member],
  );
  for (const row of rows) {
    await client.query(`grant ${row.role} to ${pg.escapeIdentifier(row.member)} with inherit false, set true`);
  }
}
