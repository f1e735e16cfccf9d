import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from './eventually.js';

/** Whether the tests run on Redis too, and may start one of their own. */
export const hasOwnRedis =
  Boolean(process.env.TEST_REDIS) && spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

/** A Redis that belongs to one test, which may stop it and empty it. It stores nothing: stopped, it has lost all. */
export class OwnRedis {
  private server: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<OwnRedis> {
    const redis = new OwnRedis(await mkdtemp(join(process.env.TEST_FOLDER!, 'redis-')), await freePort());
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const flags = `--port ${this.port} --bind 127.0.0.1 --appendonly no --maxmemory-policy noeviction`.split(' ');
    // The shell ends the server when its input closes: so also when this process is killed.
    const script = 'redis-server "$@" >/dev/null 2>&1 & read -r _; kill -9 $!';
    const words = [...flags, '--save', '', '--dir', this.folder];
    this.server = spawn('/bin/sh', ['-c', script, 'sh', ...words], { stdio: ['pipe', 'ignore', 'ignore'] });
    await eventually(() => this.command((client) => client.ping()));
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (!server || server.exitCode !== null) return;
    server.stdin!.end();
    await once(server, 'exit');
  }

  /** Empties all of it. */
  async flush(): Promise<void> {
    await this.command((client) => client.flushall());
  }

  private async command<R>(send: (client: Redis) => Promise<R>): Promise<R> {
    const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await send(client);
    } finally {
      client.disconnect();
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
