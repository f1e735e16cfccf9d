import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Configuration } from '../config/configuration.js';
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.js';
import { migrate } from './migrate.js';
import { isConnectionLost } from './sql.js';

const WAIT_FOR_DATABASE_MS = 60_000;
/** Beside the application's pools: recorder 2, relay, sealer, sweeper, maintenance, follower and watch 1 each, trails 2, back-tests 2, queue 12. */
const OTHER_CONNECTIONS = 24;

/** The settings with a database that answers and has the newest schema. */
export interface ProvidedDatabase {
  readonly configuration: Configuration;
  /** Whether the server is the embedded one. */
  readonly isEmbedded: boolean;
  /** Ends the embedded server, when it was started here and nobody else uses it. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded server when no other is configured, waits for the database to answer, and migrates it. Nothing
 * that uses a queue may be made before: it would stay dead for ever.
 * @throws Error when the database does not answer within a minute, is too old, or its login may do too much
 */
export async function provideDatabase(
  configuration: Configuration,
  log: (message: string) => void,
): Promise<ProvidedDatabase> {
  const embedded = configuration.databaseUrl
    ? undefined
    : await startEmbeddedPostgres({ folder: configuration.DATA_FOLDER, log });
  const databaseUrl = embedded?.url ?? configuration.databaseUrl!;
  try {
    await waitFor(databaseUrl, log);
    const applied = await migrate(configuration.MIGRATION_DATABASE_URL ?? databaseUrl, databaseUrl);
    if (applied.length > 0) log(`Applied ${applied.length} migration(s), the last one ${applied.at(-1)}.`);
    await checkServer(databaseUrl, configuration, log);
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
  return {
    configuration: { ...configuration, databaseUrl },
    isEmbedded: embedded !== undefined,
    stop: async () => embedded?.stop(),
  };
}

async function waitFor(databaseUrl: string, log: (message: string) => void): Promise<void> {
  const deadline = Date.now() + WAIT_FOR_DATABASE_MS;
  for (let attempt = 1; ; attempt++) {
    const error = await connectOnce(databaseUrl);
    if (!error) return;
    const { host } = new URL(databaseUrl);
    if (!isConnectionLost(error))
      throw new Error(`The database at ${host} refuses: ${error.message}`, { cause: error });
    if (Date.now() > deadline) {
      const waited = `${WAIT_FOR_DATABASE_MS / 1000} s`;
      throw new Error(`The database at ${host} did not answer within ${waited}; check DATABASE_URL: ${error.message}`, {
        cause: error,
      });
    }
    if (attempt === 1) log(`Waiting for the database at ${host}: ${error.message}`);
    await sleep(1000);
  }
}

async function connectOnce(connectionString: string): Promise<Error | undefined> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function checkServer(
  connectionString: string,
  configuration: Configuration,
  log: (message: string) => void,
): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ most: number; is_all_powerful: boolean }>(
      `select current_setting('max_connections')::integer as most, rolsuper or rolbypassrls as is_all_powerful
       from pg_roles where rolname = session_user`,
    );
    const { most, is_all_powerful: isAllPowerful } = rows[0]!;
    if (configuration.isProduction && isAllPowerful) {
      throw new Error(
        'DATABASE_URL logs in as a superuser or with BYPASSRLS, which walks through the wall between organizations. ' +
          'Give it an ordinary login, and the owner in MIGRATION_DATABASE_URL.',
      );
    }
    const needed = configuration.DB_POOL_SIZE + OTHER_CONNECTIONS;
    if (needed > most) {
      log(
        `This process may open ${needed} connections, the server allows ${most}: lower DB_POOL_SIZE or raise max_connections.`,
      );
    }
  } finally {
    await client.end();
  }
}
