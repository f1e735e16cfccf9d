import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { DEMO_PASSWORD } from '../../../src/seed/demo.js';
import { loadDemo } from '../../support/demo-content.js';
import { OwnPostgres } from '../../support/own-postgres.js';
import { OwnRedis } from '../../support/own-redis.js';
import { type ProvisoProcess, startProcess } from '../../support/proviso-process.js';
import { CountingWebhookSink } from './counting-webhook-sink.js';
import { endpoints } from './definition-blocks.js';
import { CountingMailSink, MailCount } from './counting-mail-sink.js';
import { installInstruments } from './instruments.js';

export type Backend = 'postgres' | 'redis';

/** Something that was done to the installation. */
export interface InflictedFault {
  /** Milliseconds of this machine's clock; `until` is later when it lasted. */
  readonly at: number;
  readonly until: number;
  /** Login of the process that it hit; undefined: all of them. */
  readonly worker: string | undefined;
  /** Whether the outcome of an effect that was under way may stay unknown. */
  readonly interruptsEffects: boolean;
}

/** A process with a login and a mail server of its own, so that it is known who did what. */
export interface Slot {
  readonly login: string;
  readonly role: 'api' | 'worker';
  readonly databaseUrl: string;
  readonly mails: CountingMailSink;
}

interface Servers {
  readonly postgres: OwnPostgres;
  readonly redis: OwnRedis | undefined;
  readonly close: () => Promise<void>;
}

/** One API process and two workers, as in production, on a database and queues that a test may hurt. */
export class FaultScene {
  readonly mailCount = new MailCount();
  readonly faults: InflictedFault[] = [];
  readonly workers: Slot[] = [];
  webhookSink!: CountingWebhookSink;
  organizationId!: string;
  private api!: Slot;
  private token = '';
  private readonly running = new Map<Slot, ProvisoProcess>();

  private constructor(
    readonly backend: Backend,
    private readonly servers: Servers,
    private readonly dataFolder: string,
    /** As superuser. */
    readonly owner = new pg.Pool({ connectionString: servers.postgres.url, max: 4 }),
  ) {
    owner.on('error', () => undefined);
  }

  static async open(backend: Backend): Promise<FaultScene> {
    const dataFolder = await mkdtemp(join(process.env.TEST_FOLDER!, 'fault-'));
    const servers = await openServers(backend);
    const scene = new FaultScene(backend, servers, dataFolder);
    scene.organizationId = await loadDemo({ databaseUrl: servers.postgres.url, dataFolder, pause: 'PT1S' });
    await installInstruments(scene.owner);
    scene.webhookSink = await CountingWebhookSink.start();
    await scene.openSlots();
    await Promise.all([scene.api, ...scene.workers].map((slot) => scene.start(slot)));
    await scene.signIn();
    await scene.createEndpoints();
    return scene;
  }

  get databaseUrl(): string {
    return this.servers.postgres.url;
  }

  get postgres(): OwnPostgres {
    return this.servers.postgres;
  }

  get redis(): OwnRedis {
    return this.servers.redis!;
  }

  /** Writes down that something was done, from `at` until now. */
  note(at: number, worker: Slot | undefined, interruptsEffects: boolean): void {
    this.faults.push({ at, until: Date.now(), worker: worker?.login, interruptsEffects });
  }

  /** Starts a slot's process; only when it does not run. */
  async start(slot: Slot): Promise<void> {
    const { redis } = this.servers;
    const started = await startProcess({
      databaseUrl: slot.databaseUrl,
      role: slot.role,
      environment: {
        MIGRATION_DATABASE_URL: this.databaseUrl,
        DATA_FOLDER: this.dataFolder,
        DB_POOL_SIZE: '8',
        NODE_COMPILE_CACHE: join(this.dataFolder, 'compiled'),
        SMTP_URL: slot.mails.url,
        OUTBOUND_ALLOW: this.webhookSink.host,
        ...(redis && { QUEUE_URL: redis.url }),
      },
    });
    this.running.set(slot, started);
  }

  signal(slot: Slot, signal: NodeJS.Signals): void {
    this.running.get(slot)!.kill(signal);
  }

  /** Kills a process as a lost machine does. */
  async kill(slot: Slot): Promise<void> {
    const process = this.running.get(slot)!;
    this.running.delete(slot);
    process.kill('SIGKILL');
    await process.exited;
  }

  /** Posts to a route below `/api/v1` as the organization's owner. @throws TypeError when no answer came */
  async post(
    path: string,
    body: object,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; data: unknown }> {
    const response = await fetch(`${this.running.get(this.api)!.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}`, ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const answer = (await response.json()) as { data?: unknown };
    return { status: response.status, data: answer.data ?? answer };
  }

  async rows<T extends object>(statement: string, values: readonly unknown[] = []): Promise<T[]> {
    return (await this.owner.query<T>(statement, [...values])).rows;
  }

  /** Ends the processes; what they have written stays. */
  async stopProcesses(): Promise<void> {
    await Promise.all([...this.running.keys()].map((slot) => this.kill(slot)));
  }

  async close(): Promise<void> {
    await this.stopProcesses();
    await Promise.all([this.api, ...this.workers].filter(Boolean).map(({ mails }) => mails.stop()));
    await this.webhookSink?.stop();
    await this.owner.end();
    await this.servers.close();
    await rm(this.dataFolder, { recursive: true, force: true });
  }

  private async openSlots(): Promise<void> {
    const name = randomBytes(4).toString('hex');
    this.api = await this.openSlot('api', `crash_${name}_api`);
    for (const letter of ['a', 'b']) this.workers.push(await this.openSlot('worker', `crash_${name}_${letter}`));
  }

  private async openSlot(role: Slot['role'], login: string): Promise<Slot> {
    const password = randomBytes(12).toString('hex');
    await this.owner.query(`create role ${login} login password '${password}'`);
    const url = new URL(this.databaseUrl);
    url.username = login;
    url.password = password;
    return { login, role, databaseUrl: url.href, mails: await CountingMailSink.start(this.mailCount) };
  }

  private async createEndpoints(): Promise<void> {
    for (const name of Object.values(endpoints)) {
      const { status, data } = await this.post('/webhook-endpoints', { name, url: this.webhookSink.urlOf(name) });
      if (status !== 201) throw new Error(`POST /webhook-endpoints: ${status} ${JSON.stringify(data)}`);
    }
  }

  private async signIn(): Promise<void> {
    const { data } = await this.post('/auth/login', { email: 'owner@demo.test', password: DEMO_PASSWORD });
    this.token = (data as { access_token: string }).access_token;
  }
}

/** Servers of its own: faults reach them, and several runs share neither connections nor the order of their commits. */
async function openServers(backend: Backend): Promise<Servers> {
  const redis = backend === 'redis' ? await OwnRedis.start() : undefined;
  const postgres = await OwnPostgres.start();
  // Whoever comes first brings the roles and the schema.
  await startProcess({ databaseUrl: postgres.url, role: 'api' }).then(endOf);
  return {
    postgres,
    redis,
    close: async () => {
      await postgres.stop();
      await redis?.stop();
    },
  };
}

async function endOf(process: ProvisoProcess): Promise<void> {
  process.kill('SIGKILL');
  await process.exited;
}
