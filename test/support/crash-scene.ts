import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { DEMO_PASSWORD } from '../../src/seed/demo.js';
import { loadDemo } from './demo-content.js';
import { type MailServer, startMailServer } from './mail-server.js';
import { type ProvisoProcess, startProcess } from './proviso-process.js';

/** An answer of the API. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly data?: unknown; readonly code?: string };
}

interface Sending {
  readonly body?: object | string;
  readonly headers?: Record<string, string>;
}

/** The shipped rules and mails on a database and in a process of its own, to be hurt: started, killed, started again. */
export class CrashScene {
  private token: string | undefined;
  /** The process that serves now. */
  process!: ProvisoProcess;
  organizationId!: string;

  private constructor(
    readonly databaseUrl: string,
    readonly mails: MailServer,
    private readonly environment: Readonly<Record<string, string>>,
    /** As superuser. */
    readonly owner = new pg.Pool({ connectionString: databaseUrl, max: 2 }),
  ) {
    owner.on('error', () => undefined);
  }

  /** @param pause between the two mails of a lead, ISO 8601 */
  static async open(
    databaseUrl: string,
    pause: string,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<CrashScene> {
    const dataFolder = await mkdtemp(join(process.env.TEST_FOLDER!, 'scene-'));
    const mails = await startMailServer();
    const scene = new CrashScene(databaseUrl, mails, { DATA_FOLDER: dataFolder, SMTP_URL: mails.url, ...environment });
    await scene.start();
    scene.organizationId = await loadDemo({ databaseUrl, dataFolder, pause });
    await scene.signIn();
    return scene;
  }

  /** Starts a process; only when none runs. */
  async start(): Promise<void> {
    const { databaseUrl, environment } = this;
    this.process = await startProcess({ databaseUrl, environment });
  }

  /** Kills the process as a lost machine does. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process.exited;
  }

  /** Calls a route below `/api/v1` as the organization's owner. @throws TypeError when no answer came */
  async call(method: 'GET' | 'POST', path: string, { body, headers = {} }: Sending = {}): Promise<Answer> {
    const type = typeof body === 'string' ? 'application/x-ndjson' : 'application/json';
    const response = await fetch(`${this.process.url}/api/v1${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': type }),
        ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
  }

  /** Status of the readiness probe. */
  async readiness(): Promise<number> {
    const response = await fetch(`${this.process.url}/health/ready`);
    await response.arrayBuffer();
    return response.status;
  }

  /** The one row of a statement. */
  async row<T extends object>(statement: string, values: readonly unknown[] = []): Promise<T> {
    const { rows } = await this.owner.query<T>(statement, [...values]);
    return rows[0]!;
  }

  async close(): Promise<void> {
    await this.kill();
    await Promise.all([this.mails.stop(), this.owner.end()]);
    await rm(this.environment['DATA_FOLDER']!, { recursive: true, force: true });
  }

  private async signIn(): Promise<void> {
    const body = { email: 'owner@demo.test', password: DEMO_PASSWORD };
    const answer = await this.call('POST', '/auth/login', { body });
    this.token = (answer.body as { access_token: string }).access_token;
  }
}
