import { Agent, request } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DEMO_PASSWORD } from '../../src/seed/demo.js';
import { interestedAmong, leadsFrom, loadDemo } from '../support/demo-content.js';
import { eventually } from '../support/eventually.js';
import { type MailServer, startMailServer } from '../support/mail-server.js';
import { type ProvisoProcess, startProcess } from '../support/proviso-process.js';
import { ENTRY_POINT } from '../support/steady-load.js';
import { expectComplete, type Sums, sumsOf } from '../support/sums.js';
import { createTestDatabase } from '../support/test-database.js';

const leads = leadsFrom(0, 24);
const interested = interestedAmong(leads).length;

/** One database with the shipped rules, workflow and mails, for processes that share their keys. */
class Installation {
  private readonly running: ProvisoProcess[] = [];

  private constructor(
    readonly database: Awaited<ReturnType<typeof createTestDatabase>>,
    private readonly dataFolder: string,
    private readonly mails: MailServer,
    /** As superuser. */
    readonly owner = new pg.Pool({ connectionString: database.url, max: 2 }),
  ) {}

  static async open(): Promise<Installation> {
    const database = await createTestDatabase();
    const dataFolder = await mkdtemp(join(process.env.TEST_FOLDER!, 'processes-'));
    await loadDemo({ databaseUrl: database.url, dataFolder, pause: 'PT1S' });
    return new Installation(database, dataFolder, await startMailServer());
  }

  async start(role: 'all' | 'api' | 'worker', environment: Record<string, string> = {}): Promise<ProvisoProcess> {
    const started = await startProcess({
      databaseUrl: this.database.url,
      role,
      environment: { DATA_FOLDER: this.dataFolder, SMTP_URL: this.mails.url, ...environment },
    });
    this.running.push(started);
    return started;
  }

  async close(): Promise<void> {
    for (const each of this.running) each.kill('SIGKILL');
    await Promise.all(this.running.map(({ exited }) => exited));
    await this.owner.end();
    await this.mails.stop();
    await this.database.drop();
    await rm(this.dataFolder, { recursive: true, force: true });
  }
}

interface Answer {
  readonly status: number;
  readonly body: { readonly data?: Record<string, unknown>; readonly code?: string; readonly access_token?: string };
}

/** Somebody who keeps their connections open. */
class Client {
  private readonly agent = new Agent({ keepAlive: true });
  private token = '';

  static async signIn({ url }: ProvisoProcess): Promise<Client> {
    const client = new Client();
    const { body } = await client.post(url, '/auth/login', { email: 'owner@demo.test', password: DEMO_PASSWORD });
    client.token = body.access_token!;
    return client;
  }

  /** Posts to a route below `/api/v1` of one process. @throws Error when no answer comes */
  post(url: string, path: string, body: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.token}` };
      const sent = request(`${url}/api/v1${path}`, { method: 'POST', agent: this.agent, headers }, (response) => {
        const { statusCode = 0 } = response;
        text(response).then(
          (read) => resolve({ status: statusCode, body: JSON.parse(read) as Answer['body'] }),
          reject,
        );
      });
      sent.on('error', reject).end(JSON.stringify(body));
    });
  }

  /** The data of what must be created. */
  async create(url: string, path: string, body: object): Promise<Record<string, unknown>> {
    const { status, body: answer } = await this.post(url, path, body);
    if (status !== 201) throw new Error(`POST ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer.data!;
  }

  close(): void {
    this.agent.destroy();
  }
}

const isReady = ({ url }: ProvisoProcess): Promise<boolean> =>
  fetch(`${url}/health/ready`).then(
    ({ status }) => status === 200,
    () => false,
  );

async function createLeads(process: ProvisoProcess): Promise<void> {
  const client = await Client.signIn(process);
  for (const lead of leads) await client.create(process.url, '/leads', lead);
  client.close();
}

const untilComplete = ({ owner }: Installation): Promise<Sums> =>
  eventually(async () => {
    const sums = await sumsOf(owner);
    expectComplete(sums, leads.length, interested);
    return sums;
  }, 60_000);

describe('a process for the API and one for the work', () => {
  let whole: Installation;
  let parted: Installation;

  beforeAll(async () => {
    whole = await Installation.open();
    parted = await Installation.open();
  }, 120_000);

  afterAll(async () => {
    await whole?.close();
    await parted?.close();
  });

  it('do together what one process for all does, and neither does the part of the other', async () => {
    const all = await whole.start('all');
    await createLeads(all);
    const expected = await untilComplete(whole);
    expect(expected).toMatchObject({ executions: interested, unknown: 0 });
    all.kill('SIGTERM');
    expect(await all.exited).toBe(0);

    const api = await parted.start('api');
    await createLeads(api);
    await sleep(2_000);
    expect(await sumsOf(parted.owner)).toMatchObject({ leads: leads.length, decisions: 0, executions: 0, mails: 0 });
    const worker = await parted.start('worker');
    expect(await isReady(worker)).toBe(true);
    expect((await new Client().post(worker.url, '/leads', {})).body.code).toBe('no-api-here');
    expect(await untilComplete(parted)).toEqual(expected);
  }, 180_000);
});

describe('two processes for the API', () => {
  let installation: Installation;
  let here: ProvisoProcess;
  let there: ProvisoProcess;
  let client: Client;

  beforeAll(async () => {
    installation = await Installation.open();
    here = await installation.start('api', { DRAIN_MS: '1500' });
    there = await installation.start('api', { DRAIN_MS: '1500' });
    client = await Client.signIn(here);
    const schema = { type: 'object', properties: { order: { type: 'object' } } };
    const policy = { writableFields: ['order.discount'], failurePolicy: 'fail_open' };
    await client.create(here.url, '/rules/entry-points', { name: ENTRY_POINT, schema, ...policy });
  }, 120_000);

  afterAll(async () => {
    client?.close();
    await installation?.close();
  });

  const decide = async (process: ProvisoProcess): Promise<Record<string, unknown>> => {
    const { body } = await client.post(process.url, '/rules/engine/execute', {
      entryPoint: ENTRY_POINT,
      context: { order: { total: 1 } },
    });
    return body.data!;
  };

  /** Milliseconds from the answer to the publication here until the rule takes part there. */
  async function delayOfRule(name: string): Promise<number> {
    const actions = [{ type: 'set_field', parameters: { field: 'order.discount', value: 1 } }];
    const rule = { name, entryPoint: ENTRY_POINT, publish: true, condition: { '==': [1, 1] }, actions };
    expect((await decide(there))['executedRules']).not.toContain(name);
    const { id } = await client.create(here.url, '/business-rules', rule);
    const publishedAt = performance.now();
    await eventually(async () => expect((await decide(there))['executedRules']).toContain(id));
    return performance.now() - publishedAt;
  }

  it('have a rule that one of them published in force on the other within a second', async () => {
    expect(await delayOfRule('Notified')).toBeLessThan(1_000);
  });

  it('have it so also when no notification comes', async () => {
    const name = "'raise_cache_head(uuid, text)'::regprocedure";
    const { rows } = await installation.owner.query<{ source: string }>(`select pg_get_functiondef(${name}) as source`);
    const silent = rows[0]!.source.replace("select pg_notify('cache_heads', '');", '');
    expect(silent).not.toContain('notify');
    await installation.owner.query(silent);
    try {
      for (const round of [1, 2, 3]) expect(await delayOfRule(`Silent ${round}`)).toBeLessThan(1_000);
    } finally {
      await installation.owner.query(rows[0]!.source);
    }
  });

  it('are replaced one after the other under load, and every request is answered', async () => {
    const balancer = new Balancer(client, [here, there]);
    await sleep(1_000);
    await balancer.replace(here, () => installation.start('api', { DRAIN_MS: '1500' }));
    await balancer.replace(there, () => installation.start('api', { DRAIN_MS: '1500' }));
    await sleep(500);
    await balancer.stop();
    expect(balancer.failures).toEqual([]);
    expect(balancer.decided.length).toBeGreaterThan(100);
    expect(balancer.whileDraining).toBeGreaterThan(0);
    const { rows } = await installation.owner.query<{ recorded: number }>(
      "select count(*)::int as recorded from events where type = 'rules.executed' and id = any($1)",
      [balancer.decided],
    );
    expect(rows).toEqual([{ recorded: new Set(balancer.decided).size }]);
    expect(new Set(balancer.decided).size).toBe(balancer.decided.length);
  }, 120_000);
});

/** How long a balancer goes on sending to a process that says it is not ready. */
const NOTICES_AFTER_MS = 700;

/** Six callers who ask the next process as soon as they have an answer, as long as the process is thought ready. */
class Balancer {
  readonly decided: string[] = [];
  /** Answers that are no decision, and requests that got none. */
  readonly failures: string[] = [];
  /** Decisions of a process that was told to end. */
  whileDraining = 0;
  private isStopped = false;
  private readonly draining = new Set<ProvisoProcess>();
  private readonly callers: Promise<void>[];

  constructor(
    private readonly client: Client,
    private targets: readonly ProvisoProcess[],
  ) {
    this.callers = Array.from({ length: 6 }, (_, index) => this.ask(index));
  }

  /** Ends a process and starts another in its place; requests go on meanwhile. */
  async replace(process: ProvisoProcess, start: () => Promise<ProvisoProcess>): Promise<void> {
    this.targets = [...this.targets, await start()];
    this.draining.add(process);
    process.kill('SIGTERM');
    while (await isReady(process)) await sleep(20);
    await sleep(NOTICES_AFTER_MS);
    this.targets = this.targets.filter((target) => target !== process);
    expect(await process.exited).toBe(0);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.callers);
  }

  private async ask(caller: number): Promise<void> {
    for (let turn = caller; !this.isStopped; turn += 1) {
      await sleep(5);
      const target = this.targets[turn % this.targets.length]!;
      const body = { entryPoint: ENTRY_POINT, context: { order: { total: turn } } };
      try {
        const answer = await this.client.post(target.url, '/rules/engine/execute', body);
        if (answer.status !== 200) this.failures.push(`${answer.status} ${answer.body.code}`);
        else this.decided.push(answer.body.data!['executionId'] as string);
        if (this.draining.has(target)) this.whileDraining += 1;
      } catch (error) {
        this.failures.push(String(error));
      }
    }
  }
}
