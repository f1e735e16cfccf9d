import { access, constants, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { conflict } from '../../kernel/domain-error.js';
import { createDataFolder, makePassword, OWNER, readPassword, setAside } from './data-folder.js';
import { adoptServer, launchServer, ownerUrl, stopServer } from './postgres-server.js';
import { livingClaims, makeClaim, releaseClaim, withLock } from './process-claims.js';
import { exists, locateServer } from './server-location.js';

/** What a caller says about the server it wants. */
export interface EmbeddedPostgresOptions {
  /** Holds data, password and log; made when missing. */
  readonly folder: string;
  /** Receives one human sentence for each thing that takes time or deserves notice. */
  readonly log: (message: string) => void;
  /** For tests: nothing survives a power cut, in return nothing waits for the disk. */
  readonly disposable?: boolean;
}

/** A running PostgreSQL on 127.0.0.1. */
export interface EmbeddedPostgres {
  /** The database `proviso` for its owner, a superuser. */
  readonly url: string;
  readonly port: number;
  /** Whether the server already ran: left behind by a killed process, or in use by another one. */
  readonly adopted: boolean;
  /** Where the cluster's files lie; outside `folder` when root's server account cannot reach that. */
  readonly data: string;
  /** Gives the server up. The last process that uses it shuts it down and returns when it is gone. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the PostgreSQL of a folder, or joins the one that runs there. Several processes may share it (a command beside
 * the application); each calls `stop`, and the last one to do so ends the server, the killed not counted. The server
 * does not hear Ctrl-C: who starts it must catch signals before and call `stop` after draining. A `DomainError` says
 * what hinders it.
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const folder = await makeFolder(options.folder);
  const lock = join(folder, 'postgres.lock');
  const users = join(folder, 'postgres.users');
  return withLock(lock, async () => {
    const { port, password, adopted, data } = await startOrAdopt(folder, options);
    await createOwnDatabase(port, password);
    const claim = await makeClaim(users);
    const stop = (): Promise<void> =>
      withLock(lock, async () => {
        await releaseClaim(claim);
        if ((await livingClaims(users)).length === 0) await stopServer(data);
      });
    return { url: ownerUrl(port, password, OWNER), port, adopted, data, stop };
  });
};

/**
 * Ends a server that killed processes left behind in the folder, and returns where its data lies. One that is in use
 * stays: a `DomainError`.
 */
export const stopAbandonedPostgres = async (folder: string): Promise<string> => {
  const real = await makeFolder(folder);
  return withLock(join(real, 'postgres.lock'), async () => {
    const [user] = await livingClaims(join(real, 'postgres.users'));
    if (user)
      throw conflict('embedded-database-in-use', `The database in ${real} is in use (${user}). End that first.`);
    const { data } = await locateServer(real);
    await stopServer(data);
    return data;
  });
};

const makeFolder = async (folder: string): Promise<string> => {
  try {
    await mkdir(folder, { recursive: true });
    for (const name of ['postgres.lock', 'postgres.users']) {
      await mkdir(join(folder, name), { recursive: true });
      await access(join(folder, name), constants.W_OK);
    }
    return await realpath(folder);
  } catch (cause) {
    throw conflict(
      'embedded-folder-not-writable',
      `${folder} cannot be written to: ${(cause as Error).message}. Start as its owner, or set DATABASE_URL.`,
      { cause },
    );
  }
};

const startOrAdopt = async (folder: string, { log, disposable = false }: EmbeddedPostgresOptions) => {
  const location = await locateServer(folder);
  const known = await readPassword(folder);
  if (!known) await setDataAside(location.data, log);
  const password = known ?? (await makePassword(folder));
  const found = await adoptServer(location.data, password);
  if (found) return { ...found, password, adopted: true, data: location.data };
  if (!(await exists(location.data))) {
    log(`Creating a PostgreSQL cluster in ${location.data}.`);
    await createDataFolder(location, password, !disposable);
  }
  const server = await launchServer(location, password, disposable ? { ...SETTINGS, ...DISPOSABLE } : SETTINGS);
  return { ...server, password, adopted: false, data: location.data };
};

const setDataAside = async (data: string, log: (message: string) => void): Promise<void> => {
  await stopServer(data);
  const aside = await setAside(data);
  if (aside)
    log(`The data in ${data} has lost its password file; it now lies in ${aside}, and an empty cluster follows.`);
};

const createOwnDatabase = async (port: number, password: string): Promise<void> => {
  const client = new Client({ connectionString: ownerUrl(port, password, 'postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [OWNER]);
    if (rowCount === 0) await client.query(`create database ${OWNER}`);
  } finally {
    await client.end();
  }
};

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 200,
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Row values belong to people; they stay out of the log file.
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
};

const DISPOSABLE = {
  // The suites must do with less than the hundred of an ordinary server.
  max_connections: 100,
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
};
