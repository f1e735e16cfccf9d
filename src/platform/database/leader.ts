import pg from 'pg';
import type { ErrorLog } from '../queue/error-log.js';
import { sessionOptions, type PoolSettings } from './pool.js';

const TRY_TO_LEAD_MS = 500;
const RECONNECT_MS = 250;

/** Work that of all processes only one does, over a connection of its own. */
export interface Duty {
  /** Names lock, connection and faults: `relay`. */
  readonly name: string;
  /** Of the database. */
  readonly url: string;
  readonly session: Pick<PoolSettings, 'role' | 'settings'>;
  /** After this a connection, or a statement on it, counts as lost; milliseconds. */
  readonly timeoutMs: number;
  readonly errors: ErrorLog;
  /** Works until the leader is stopped; what it throws ends the connection, and with it the lead. */
  lead(client: pg.Client): Promise<void>;
  /** Told when somebody else leads. */
  follow?(): void;
  /** Told when the lead, or the way to it, was lost. */
  interrupted?(): void;
}

/** Keeps one process of all at its duty: the lead is an advisory lock, and lasts as long as its connection lives. */
export class Leader {
  private stopped = false;
  private isWoken = false;
  private endPause: () => void = () => undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly duty: Duty) {}

  get isStopped(): boolean {
    return this.stopped;
  }

  /** Begins to lead, or to wait until the leader is gone. */
  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.running;
  }

  /** Ends the pause that runs, or else the next one. */
  wake(): void {
    this.isWoken = true;
    this.endPause();
  }

  /** Waits at most so long, and not at all when it was woken since the last pause. @returns whether it was woken */
  async pause(milliseconds: number): Promise<boolean> {
    if (!this.isWoken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const wasWoken = this.isWoken;
    this.isWoken = false;
    return wasWoken;
  }

  private async run(): Promise<void> {
    const { duty } = this;
    while (!this.stopped) {
      const client = this.createClient();
      try {
        await client.connect();
        await this.waitToLead(client);
        if (!this.stopped) await duty.lead(client);
      } catch (error) {
        duty.interrupted?.();
        duty.errors.report(`${duty.name}-interrupted`, duty.name, error);
        await this.pause(RECONNECT_MS);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  private createClient(): pg.Client {
    const { name, url, session, timeoutMs } = this.duty;
    const client = new pg.Client({
      connectionString: url,
      options: sessionOptions(session),
      application_name: `proviso-${name}`,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      keepAlive: true,
    });
    client.on('error', () => this.wake());
    client.on('notification', () => this.wake());
    return client;
  }

  /** The lock belongs to the session: it ends with the connection, however that ends. */
  private async waitToLead(client: pg.Client): Promise<void> {
    while (!this.stopped) {
      const { rows } = await client.query<{ leads: boolean }>(
        'select pg_try_advisory_lock(hashtextextended($1, 0)) as leads',
        [`proviso-${this.duty.name}`],
      );
      if (rows[0]!.leads) return;
      this.duty.follow?.();
      await this.pause(TRY_TO_LEAD_MS);
    }
  }
}
