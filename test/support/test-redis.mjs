import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * The Redis for the queue suites: that of `QUEUE_URL`, else one of our own when `redis-server` is on the PATH, else
 * none (`undefined`).
 */
export const startTestRedis = async () => {
  const given = process.env.QUEUE_URL;
  if (given && /^rediss?:/.test(given)) return { url: given, stop: () => undefined };
  if (!isOnPath('redis-server')) return undefined;
  const port = await findFreePort();
  const folder = mkdtempSync(join(tmpdir(), 'proviso-redis-'));
  const flags = `--port ${port} --bind 127.0.0.1 --save '' --appendonly no --maxmemory-policy noeviction`;
  // The shell ends the server when its input closes: so also when this process is killed.
  const script = `redis-server ${flags} --dir "$1" >"$1/log" 2>&1 & read -r _; kill $!; wait; rm -rf "$1"`;
  const shell = spawn('/bin/sh', ['-c', script, 'sh', folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.stdin.on('error', () => undefined);
  const stop = () => shell.stdin.end();
  if (await accepts(port)) return { url: `redis://127.0.0.1:${port}`, stop };
  stop();
  rmSync(folder, { recursive: true, force: true });
  process.stderr.write('redis-server is on the PATH and did not start.\n');
  return undefined;
};

const isOnPath = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

// Below the range that is lent out for outgoing connections.
const findFreePort = async () => {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const free = await new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
};

const accepts = async (port) => {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const accepted = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false)).once('connect', () => socket.destroy());
    });
    if (accepted) return true;
    await delay(100);
  }
  return false;
};
