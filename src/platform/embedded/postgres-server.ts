import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseError, Client } from 'pg';
import { conflict, unavailable } from '../../kernel/domain-error.js';
import { OWNER } from './data-folder.js';
import { identify } from './process-identity.js';
import type { ServerLocation } from './server-location.js';

/** A server process that belongs to one data folder. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
}

// Ports from 32768 on are lent out for outgoing connections and may be taken at any moment.
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_767;
const STARTING_MS = 60_000;
const FAST_SHUTDOWN_MS = 10_000;

/**
 * The server of this data folder, if one runs. `postmaster.pid` alone proves nothing: its process may be dead, and its
 * number given to another program since; the command line of the real one names the data folder.
 */
export const findServer = async (data: string): Promise<RunningServer | undefined> => {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!(pid > 0) || !identify(pid)?.command.split(' -c ')[0]?.endsWith(`-D ${data}`)) return undefined;
  return { pid, port: Number(lines[3]) };
};

/** The address of a database on the server, for its owner. */
export const ownerUrl = (port: number, password: string, database: string): string =>
  `postgres://${OWNER}:${password}@127.0.0.1:${port}/${database}`;

/** Waits until the data folder's server answers; `undefined` when it went away instead, as one that is stopping does. */
export const adoptServer = async (data: string, password: string): Promise<RunningServer | undefined> => {
  const deadline = Date.now() + STARTING_MS;
  while (Date.now() < deadline) {
    const server = await findServer(data);
    if (!server) return undefined;
    if (await answers(server.port, password)) return server;
    await delay(50);
  }
  throw unavailable(
    'embedded-database-silent',
    `The server of ${data} runs and does not answer. See ${logFile(data)}.`,
  );
};

/**
 * Starts the server in a session of its own, so that Ctrl-C reaches the application alone and the database outlives
 * its drain. A port that was taken meanwhile, or remains of a killed predecessor that are still dying, cost a retry.
 */
export const launchServer = async (
  location: ServerLocation,
  password: string,
  settings: Record<string, string | number>,
): Promise<RunningServer> => {
  await removeStalePid(location.data);
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const child = await spawnServer(location, { ...settings, port: await findFreePort() });
    const server = await untilReady(child, location.data, password);
    if (server) return server;
    await delay(300);
  }
  const log = await readFile(logFile(location.data), 'utf8').catch(() => '');
  throw unavailable('embedded-database-not-started', `PostgreSQL does not start: ${log.trim().slice(-2_000)}`);
};

/** Ends the data folder's server: sessions are cut and all is written (fast); after ten seconds without that. */
export const stopServer = async (data: string): Promise<void> => {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    const server = await findServer(data);
    if (!server) return;
    process.kill(server.pid, signal);
    const deadline = Date.now() + FAST_SHUTDOWN_MS;
    while (Date.now() < deadline) {
      if (!(await findServer(data))) return;
      await delay(20);
    }
  }
  throw unavailable('embedded-database-not-stopped', `The server of ${data} does not end. See ${logFile(data)}.`);
};

// PostgreSQL clears away the file of a dead process itself, and looks for surviving children first. What it cannot
// tell is that the number has passed to another program of the same user.
const removeStalePid = async (data: string): Promise<void> => {
  const file = join(data, 'postmaster.pid');
  const pid = await readPid(data);
  const command = identify(pid)?.command;
  if (!command) return;
  const [, otherData] = /postgres -D (.*?)(?: -c |$)/.exec(command) ?? [];
  if (otherData && (await readPid(otherData)) !== pid) {
    throw conflict(
      'embedded-data-was-moved',
      `Process ${pid} serves the data that now lies in ${data} and was started when it lay in ${otherData}. End it (kill -INT ${pid}) and start again.`,
    );
  }
  await rm(file);
};

const readPid = async (data: string): Promise<number> =>
  Number((await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]);

const logFile = (data: string): string => join(dirname(data), 'postgres.log');

const spawnServer = async (
  { programs, data, account }: ServerLocation,
  settings: Record<string, string | number>,
): Promise<ChildProcess> => {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  await rename(logFile(data), `${logFile(data)}.previous`).catch(() => undefined);
  const log = await open(logFile(data), 'w', 0o600);
  try {
    const child = spawn(join(programs, 'postgres'), ['-D', data, ...flags], {
      ...(account && { uid: account.uid, gid: account.gid }),
      detached: true,
      cwd: '/',
      env: { LC_ALL: 'C' },
      stdio: ['ignore', log.fd, log.fd],
    });
    child.on('error', () => undefined);
    child.unref();
    return child;
  } finally {
    await log.close();
  }
};

const untilReady = async (child: ChildProcess, data: string, password: string): Promise<RunningServer | undefined> => {
  const deadline = Date.now() + STARTING_MS;
  while (child.pid && child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const server = await findServer(data);
    if (server?.pid === child.pid && (await answers(server.port, password))) return server;
    await delay(20);
  }
  return undefined;
};

const answers = async (port: number, password: string): Promise<boolean> => {
  const client = new Client({ connectionString: ownerUrl(port, password, 'postgres'), connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (cause) {
    if (cause instanceof DatabaseError && cause.code === '28P01') {
      throw unavailable(
        'embedded-password-refused',
        'The embedded database refuses the password in postgres.password. Put the right file back, or set DATABASE_URL.',
        { cause },
      );
    }
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
};

const findFreePort = async (): Promise<number> => {
  for (;;) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT + 1));
    if (await isFree(port)) return port;
  }
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
