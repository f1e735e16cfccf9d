import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { describe, expect, it } from '@jest/globals';

const DRAIN_MS = 700;

const start = async (drainMs: number): Promise<{ server: ChildProcess; port: string }> => {
  const server = spawn(process.execPath, ['test/support/draining-server.mjs', String(drainMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(server.stdout, 'data')) as [Buffer];
  return { server, port: port.toString().trim() };
};

const statusOf = (url: string, agent?: Agent): Promise<number | string | undefined> =>
  new Promise((resolve) => {
    get(url, { agent }, (response) => response.resume().on('end', () => resolve(response.statusCode))).on(
      'error',
      (error: NodeJS.ErrnoException) => resolve(error.code),
    );
  });

describe('the end of a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('on %s is unready, serves on, and then exits with 0', async (signal) => {
    const { server, port } = await start(DRAIN_MS);
    const exited = once(server, 'exit');
    const idle = new Agent({ keepAlive: true });
    expect(await statusOf(`http://127.0.0.1:${port}/ready`, idle)).toBe(200);
    const signalledAt = Date.now();
    server.kill(signal);
    while ((await statusOf(`http://127.0.0.1:${port}/ready`)) === 200);
    expect(await statusOf(`http://127.0.0.1:${port}/ready`)).toBe(503);
    expect(await statusOf(`http://127.0.0.1:${port}/health/live`)).toBe(200);
    expect(await exited).toEqual([0, null]);
    expect(Date.now() - signalledAt).toBeGreaterThanOrEqual(DRAIN_MS - 20);
    expect(await statusOf(`http://127.0.0.1:${port}/health/live`)).toBe('ECONNREFUSED');
    idle.destroy();
  });

  it('does not wait when a second signal comes', async () => {
    const { server } = await start(60_000);
    const exited = once(server, 'exit');
    server.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.kill('SIGTERM');
    expect(await exited).toEqual([1, null]);
  });
});
