import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../platform/config/child-environment.js';
import { stopAbandonedPostgres } from '../platform/embedded/embedded-postgres.js';
import type { Instance } from './instance.js';
import { type MailServer, startMailServer } from './mail-server.js';

const dist = fileURLToPath(new URL('..', import.meta.url));
/** Installing the schema and the demo data takes seconds; much more means that it hangs. */
const START_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 60_000;

/** An instance of the demo's own, with the commands of `npm run cli` beside it. */
export interface OwnInstance extends Instance {
  /** Runs an operations command on its database. @returns exit code and what it printed */
  command(...words: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }>;
}

/**
 * Starts an SMTP server and an instance on an embedded database, both in a temporary folder and on free ports. All of it
 * is gone after `stop`.
 * @throws Error when it does not start; nothing is left behind then
 */
export async function startOwnInstance(): Promise<OwnInstance> {
  const mailServer = await startMailServer();
  const folder = await mkdtemp(join(tmpdir(), 'proviso-demo-'));
  // As root, the database server runs under another account and must get through.
  await chmod(folder, 0o755);
  const environment = environmentOf(folder, mailServer);
  const server = run('main.js', [], environment);
  const stop = async (): Promise<void> => {
    await end(server);
    await mailServer.stop();
    // Of a server that had to be killed the database is left.
    await stopAbandonedPostgres(dataFolderOf(folder));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const url = await startedUrl(server);
    return { url, ...mailbox(mailServer), command: (...words) => command(words, environment), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const mailbox = ({ url, received }: MailServer): Pick<Instance, 'mailbox' | 'mails' | 'readMail'> => ({
  mailbox: url,
  mails: async () => received,
  readMail: async (recipient) => received.findLast((mail) => mail.recipient === recipient)?.message,
});

const dataFolderOf = (folder: string): string => join(folder, 'data');

type ChildEnvironment = ReturnType<typeof childEnvironment>;

const environmentOf = (folder: string, { url }: MailServer): ChildEnvironment =>
  childEnvironment({
    NODE_ENV: 'development',
    PORT: '0',
    DATA_FOLDER: dataFolderOf(folder),
    SMTP_URL: url,
    MAIL_FROM: 'Demo Kitchens <sales@demo.test>',
  });

const run = (program: string, words: readonly string[], environment: ChildEnvironment): ChildProcess =>
  spawn(process.execPath, ['--enable-source-maps', join(dist, program), ...words], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });

interface LogLine {
  readonly level?: string;
  readonly event?: string;
  readonly url?: string;
}

/** The address that the server tells in its log once it listens. What goes wrong in it is shown, then and later. */
function startedUrl(server: ChildProcess): Promise<string> {
  server.stderr!.pipe(process.stderr);
  const giveUp = setTimeout(() => server.kill('SIGKILL'), START_WITHIN_MS);
  return new Promise<string>((resolve, reject) => {
    createInterface({ input: server.stdout! }).on('line', (line) => {
      const { level, event, url } = parseLine(line);
      if (level === 'error') process.stderr.write(`The instance says: ${line}\n`);
      if (event === 'started' && url !== undefined) resolve(url);
    });
    server.once('error', reject);
    server.once('close', () => reject(new Error('The instance did not start; its own words stand above.')));
  }).finally(() => clearTimeout(giveUp));
}

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return {};
  }
}

async function command(words: readonly string[], environment: ChildEnvironment) {
  const child = run('cli.js', words, environment);
  const output: string[] = [];
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const code = await exitOf(child);
  return { code, output: output.join('').trim() };
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  const giveUp = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await exitOf(child);
  clearTimeout(giveUp);
}

const exitOf = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once('close', resolve));
