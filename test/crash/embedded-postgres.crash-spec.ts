import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startEmbeddedPostgres, stopAbandonedPostgres } from '../../src/platform/embedded/embedded-postgres.js';
import type { EmbeddedPostgres } from '../../src/platform/embedded/embedded-postgres.js';
import { findServer } from '../../src/platform/embedded/postgres-server.js';
import { identify } from '../../src/platform/embedded/process-identity.js';

const isRoot = process.getuid?.() === 0;
const built = pathToFileURL(resolve('dist/platform/embedded/embedded-postgres.js')).href;
// A process that starts the server, says so, and stops it when its input closes. It takes Ctrl-C calmly.
const program = `
  import { startEmbeddedPostgres } from '${built}';
  process.on('SIGINT', () => console.log('interrupted'));
  const server = await startEmbeddedPostgres({ folder: process.argv[1], log: () => undefined, disposable: true });
  console.log(JSON.stringify(server));
  process.stdin.on('end', async () => { await server.stop(); console.log('stopped'); }).resume();`;

let parent: string;
let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  parent = await mkdtemp(join(process.env.TEST_FOLDER!, 'embedded-'));
  await chmod(parent, 0o755);
  folder = join(parent, 'data');
});

afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
  for (const name of await readdir(parent)) {
    const data = await stopAbandonedPostgres(join(parent, name)).catch(() => undefined);
    if (data) await rm(data, { recursive: true, force: true });
  }
  await rm(parent, { recursive: true, force: true });
});

const startHere = (log: (message: string) => void = () => undefined): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ folder, log, disposable: true });

const spawnHolder = (): ChildProcess => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  children.push(child);
  return child;
};

const lineOf = async (child: ChildProcess): Promise<string> => {
  const lines = createInterface({ input: child.stdout! });
  const [line] = (await once(lines, 'line')) as [string];
  return line;
};

const startElsewhere = async (): Promise<{ child: ChildProcess; server: EmbeddedPostgres }> => {
  const child = spawnHolder();
  return { child, server: JSON.parse(await lineOf(child)) as EmbeddedPostgres };
};

const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

const letStop = async (child: ChildProcess): Promise<void> => {
  child.stdin!.end();
  await once(child, 'exit');
};

const query = async (url: string, text: string): Promise<string> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ answer: string }>(text);
    return rows[0]?.answer ?? '';
  } finally {
    await client.end();
  }
};

const pidOf = async (data: string): Promise<number> => (await findServer(data))?.pid ?? 0;

const killServer = async (data: string): Promise<void> => {
  process.kill(await pidOf(data), 'SIGKILL');
  while (await findServer(data)) await delay(10);
};

describe('a first and a second start', () => {
  it('keeps the data, on loopback, for the holder of the password alone', async () => {
    const first = await startEmbeddedPostgres({ folder, log: () => undefined });
    await query(first.url, "create table kept as select 'still here' as answer");
    expect(await query(first.url, "select current_setting('fsync') as answer")).toBe('on');
    expect(await query(first.url, "select current_setting('listen_addresses') as answer")).toBe('127.0.0.1');
    expect(await query(first.url, "select lower('ÉCLAIR') as answer")).toBe('éclair');
    expect(first.port).toBeLessThan(32_768);
    await expect(query(first.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow('password');
    expect((await stat(join(folder, 'postgres.password'))).mode & 0o777).toBe(0o600);
    await first.stop();
    expect(await findServer(first.data)).toBeUndefined();

    const second = await startHere();
    expect(second.adopted).toBe(false);
    expect(await query(second.url, 'select answer from kept')).toBe('still here');
    await second.stop();
  });

  it('begins again when initdb was killed half-way', async () => {
    const child = spawnHolder();
    const halfMade = async (): Promise<string[]> =>
      (await readdir(folder).catch(() => [])).filter((name) => name.startsWith('postgres.new-'));
    while ((await halfMade()).length === 0) await delay(2);
    await delay(50);
    process.kill(-child.pid!, 'SIGKILL');
    expect(await halfMade()).toHaveLength(1);

    const server = await startHere();
    expect(await query(server.url, "select 'whole' as answer")).toBe('whole');
    expect(await halfMade()).toEqual([]);
    await server.stop();
  });

  it('puts data aside whose password was lost, and says so', async () => {
    const first = await startHere();
    await first.stop();
    await rm(join(folder, 'postgres.password'));
    const messages: string[] = [];
    const second = await startHere((message) => messages.push(message));
    await second.stop();
    expect(messages[0]).toContain('postgres.without-password-');
    expect((await readdir(folder)).filter((name) => name.startsWith('postgres.without-password-'))).toHaveLength(1);
  });
});

describe('after a kill', () => {
  it('adopts the server of a killed process, and that of a killed adopter, and ends it', async () => {
    const first = await startElsewhere();
    const pid = await pidOf(first.server.data);
    await kill(first.child);
    const second = await startElsewhere();
    expect(second.server.adopted).toBe(true);
    await kill(second.child);
    const third = await startHere();
    expect([third.adopted, await pidOf(third.data)]).toEqual([true, pid]);
    await third.stop();
    expect(identify(pid)).toBeUndefined();
  });

  it('starts anew when the server was killed as well', async () => {
    const { child, server } = await startElsewhere();
    await kill(child);
    await killServer(server.data);
    const next = await startHere();
    expect(next.adopted).toBe(false);
    expect(await query(next.url, "select 'recovered' as answer")).toBe('recovered');
    await next.stop();
  });

  it('starts anew when the pid of the killed server belongs to another program', async () => {
    const { child, server } = await startElsewhere();
    const pidFile = join(server.data, 'postmaster.pid');
    const lines = (await readFile(pidFile, 'utf8')).split('\n');
    await kill(child);
    await killServer(server.data);
    const { uid, gid } = await stat(server.data);
    const other = spawn('sleep', ['60'], isRoot ? { uid, gid } : {});
    children.push(other);
    await writeFile(pidFile, [String(other.pid), ...lines.slice(1)].join('\n'));
    const next = await startHere();
    expect(next.adopted).toBe(false);
    expect(identify(other.pid!)?.command).toContain('sleep');
    await next.stop();
  });

  it('ends an abandoned server without starting another', async () => {
    const { child, server } = await startElsewhere();
    await expect(stopAbandonedPostgres(folder)).rejects.toMatchObject({ code: 'embedded-database-in-use' });
    await kill(child);
    expect(await stopAbandonedPostgres(folder)).toBe(server.data);
    expect(await findServer(server.data)).toBeUndefined();
  });
});

describe('several processes', () => {
  it('share one server when they start at once, and the last one ends it', async () => {
    const both = await Promise.all([startElsewhere(), startElsewhere()]);
    expect(both.map(({ server }) => server.adopted).sort()).toEqual([false, true]);
    const { data, url } = both[0].server;
    await letStop(both[0].child);
    expect(await query(url, "select 'here' as answer")).toBe('here');
    await letStop(both[1].child);
    expect(await findServer(data)).toBeUndefined();
  });

  it('keep the server through a Ctrl-C, until they stop it', async () => {
    const { child, server } = await startElsewhere();
    const interrupted = lineOf(child);
    process.kill(-child.pid!, 'SIGINT');
    expect(await interrupted).toBe('interrupted');
    expect(await query(server.url, "select 'draining' as answer")).toBe('draining');
    await letStop(child);
    expect(await findServer(server.data)).toBeUndefined();
  });

  it('are told when the folder was moved from under a running server', async () => {
    const { child, server } = await startElsewhere();
    const pid = await pidOf(server.data);
    await kill(child);
    const former = folder;
    folder = join(parent, 'moved');
    await rename(former, folder);
    await expect(startHere()).rejects.toMatchObject({ code: 'embedded-data-was-moved' });
    expect(identify(pid)).toBeDefined();
    await rename(folder, former);
  });
});

(isRoot ? describe : describe.skip)('as root', () => {
  it('runs under another account, outside a clone that this one cannot reach', async () => {
    folder = join(parent, 'closed', 'data');
    await mkdir(folder, { recursive: true });
    await chmod(join(parent, 'closed'), 0o700);
    const first = await startHere();
    await query(first.url, "create table kept as select 'still here' as answer");
    expect(first.data).toMatch(/^\/var\/lib\/proviso\/[0-9a-f]{16}\/data\/postgres$/);
    expect((await stat(first.data)).uid).toBeGreaterThan(0);
    await first.stop();
    const second = await startHere();
    expect(await query(second.url, 'select answer from kept')).toBe('still here');
    await second.stop();
    await rm(resolve(second.data, '../..'), { recursive: true });
  });
});
