import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const main = resolve('dist/main.js');
// A test worker that is killed takes its processes with it: their input ends, and so do they.
const LEASH = `data:text/javascript,${encodeURIComponent(
  "process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL')).resume().unref()",
)}`;

export interface ProcessSettings {
  readonly databaseUrl: string;
  /** `all` unless given. */
  readonly role?: 'all' | 'api' | 'worker';
  /** Variables beside those that every process of a test gets. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a process ended: its exit code, or the signal that killed it. */
export type ProcessEnd = number | NodeJS.Signals;

/** The application as its operator runs it, in a process of its own. */
export interface ProvisoProcess {
  /** Where it listens, `http://127.0.0.1:40123`. */
  readonly url: string;
  /** What it logged so far. */
  readonly lines: readonly Record<string, unknown>[];
  readonly exited: Promise<ProcessEnd>;
  /** Sends a signal; `exited` tells when it took effect. */
  kill(signal: NodeJS.Signals): void;
}

/** A process that has not said yet that it listens, and perhaps never will. */
export interface SpawnedProcess extends Omit<ProvisoProcess, 'url'> {
  /** What it wrote beside its log. */
  readonly errors: () => string;
  readonly started: Promise<string>;
}

/** Starts a process and waits until it listens. @throws Error with its last words when it ends instead */
export async function startProcess(settings: ProcessSettings): Promise<ProvisoProcess> {
  const { started, ...spawned } = spawnProcess(settings);
  const end = spawned.exited.then((code) => {
    const last = spawned.lines.slice(-5).map((line) => JSON.stringify(line));
    throw new Error(`The process ended with ${code}: ${spawned.errors()}${last.join('\n')}`);
  });
  const url = await Promise.race([started, end]);
  return { ...spawned, url };
}

/** Starts a process and does not wait. It does not outlive this one. */
export function spawnProcess({ databaseUrl, role = 'all', environment = {} }: ProcessSettings): SpawnedProcess {
  const child = spawn(process.execPath, ['--enable-source-maps', '--import', LEASH, main], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      DATABASE_URL: databaseUrl,
      PROCESS_ROLE: role,
      PORT: '0',
      DB_POOL_SIZE: '4',
      RATE_LIMIT_PER_MINUTE: '1000000',
      RATE_LIMIT_ADDRESS_PER_MINUTE: '1000000',
      RATE_LIMIT_LOGIN_PER_MINUTE: '100000',
      ...environment,
    },
  });
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as ProcessEnd);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const lines: Record<string, unknown>[] = [];
  return {
    lines,
    exited,
    errors: () => errors,
    started: startedUrl(child, lines),
    kill: (signal) => child.kill(signal),
  };
}

/** Collects the lines of the log; resolves with the address in the one that tells of the start. */
function startedUrl(child: ChildProcess, lines: Record<string, unknown>[]): Promise<string> {
  return new Promise((found) => {
    createInterface({ input: child.stdout! }).on('line', (text) => {
      const line = JSON.parse(text) as Record<string, unknown>;
      lines.push(line);
      if (line['event'] === 'started') found(line['url'] as string);
    });
  });
}
