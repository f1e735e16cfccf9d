import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded/embedded-postgres.js';
import { findServer } from '../../src/platform/embedded/postgres-server.js';
import { eventually } from './eventually.js';

/** A PostgreSQL that belongs to one test, which may stop it and start it again at the same address. */
export class OwnPostgres {
  private constructor(private readonly server: EmbeddedPostgres) {}

  /** Starts one with an empty database. It waits for no disk, and yet a crash of the server loses no commit. */
  static async start(): Promise<OwnPostgres> {
    const folder = await mkdtemp(join(process.env.TEST_FOLDER!, 'own-'));
    await chmod(folder, 0o755);
    const settings = { folder: join(folder, 'data'), log: () => undefined, disposable: true };
    const server = await startEmbeddedPostgres(settings);
    await query(server.url, 'alter database proviso set synchronous_commit = on');
    return new OwnPostgres(server);
  }

  get url(): string {
    return this.server.url;
  }

  /** Stops it as a crash does (`SIGQUIT`: sessions are cut, recovery follows) or at once in order (`SIGINT`). */
  async cut(signal: 'SIGQUIT' | 'SIGINT'): Promise<void> {
    process.kill((await findServer(this.server.data))!.pid, signal);
    await eventually(async () => {
      if (await findServer(this.server.data)) throw new Error('The server still runs.');
    }, 30_000);
  }

  /** Starts it again as it was started before, on the same port. */
  async restart(): Promise<void> {
    const { data } = this.server;
    const [program, ...flags] = await lastCommand(data);
    const { uid, gid } = await stat(data);
    const account = process.getuid?.() === 0 ? { uid, gid } : {};
    spawn(program!, flags, { ...account, detached: true, cwd: '/', env: { LC_ALL: 'C' }, stdio: 'ignore' }).unref();
    await eventually(() => query(this.url, 'select'), 60_000);
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}

/** The server notes how it was started, each word but the first in quotes. */
async function lastCommand(data: string): Promise<string[]> {
  const [program = '', ...flags] = (await readFile(join(data, 'postmaster.opts'), 'utf8')).trim().split(' "');
  return [program, ...flags.map((flag) => flag.slice(0, -1))];
}

async function query(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end().catch(() => undefined);
  }
}
