import pg from 'pg';
import { sessionOptions } from '../platform/database/pool.js';
import type { ErrorLog } from '../platform/queue/error-log.js';
import type { Queues } from '../platform/queue/queues.js';
import { readCheckpoints, READS_IN_ORDER, type Cursor } from './cursor.js';
import type { Reactions } from './reactions.js';
import { jobsFor, MAX_BATCH, moveCheckpoint, readPublished, RELAY_CHECKPOINT } from './relay-batch.js';

const POLL_MS = 100;
/** After a wake-up the gate may still be closed by others in flight, so the first looks follow closely. */
const FIRST_LOOK_MS = 3;
const TRY_TO_LEAD_MS = 500;
const RECONNECT_MS = 250;
const QUERY_TIMEOUT_MS = 10_000;

export interface RelayDependencies {
  /** Of the database. */
  readonly url: string;
  /** The epoch in which rows are written now. */
  readonly epoch: number;
  readonly reactions: Reactions;
  readonly queues: Queues;
  readonly errors: ErrorLog;
}

/**
 * Hands published events to the queue, each at least once. Of all processes one leads, as long as its connection
 * lives; NOTIFY only makes it quicker, a poll stands behind it.
 */
export class Relay {
  private isStopped = false;
  private isWoken = false;
  private endPause: () => void = () => undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly dependencies: RelayDependencies) {}

  /** Begins to relay, or to wait until the leader is gone. Every reaction must be registered. */
  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const client = this.createClient();
      try {
        await client.connect();
        await this.waitToLead(client);
        await this.lead(client);
      } catch (error) {
        this.dependencies.errors.report('relay-interrupted', 'relay', error);
        await this.pause(RECONNECT_MS);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  private createClient(): pg.Client {
    const client = new pg.Client({
      connectionString: this.dependencies.url,
      options: sessionOptions({ role: 'relay', settings: READS_IN_ORDER }),
      application_name: 'proviso-relay',
      connectionTimeoutMillis: QUERY_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
    });
    client.on('error', () => this.wake());
    client.on('notification', () => this.wake());
    return client;
  }

  /** The lock belongs to the session: it ends with the connection, however that ends. */
  private async waitToLead(client: pg.Client): Promise<void> {
    while (!this.isStopped) {
      const { rows } = await client.query<{ leads: boolean }>(
        "select pg_try_advisory_lock(hashtextextended('proviso-relay', 0)) as leads",
      );
      if (rows[0]!.leads) return;
      await this.pause(TRY_TO_LEAD_MS);
    }
  }

  private async lead(client: pg.Client): Promise<void> {
    await client.query('listen events');
    let checkpoint = (await readCheckpoints(client)).get(RELAY_CHECKPOINT)!;
    let look = FIRST_LOOK_MS;
    while (!this.isStopped) {
      const moved = await this.relay(client, checkpoint);
      checkpoint = moved.to;
      if (moved.events === MAX_BATCH) continue;
      const wasWoken = await this.pause(look);
      look = wasWoken || moved.events > 0 ? FIRST_LOOK_MS : Math.min(look * 2, POLL_MS);
    }
  }

  /** One batch: add the jobs, then move on. Killed in between, it adds them again; reactions see to it that is no harm. */
  private async relay(client: pg.Client, from: Cursor): Promise<{ to: Cursor; events: number }> {
    const { epoch, reactions, queues } = this.dependencies;
    const events = await readPublished(client, from, epoch);
    const last = events.at(-1);
    if (!last) return { to: from, events: 0 };
    await queues.addAll('reactions', jobsFor(events, reactions.all()));
    await moveCheckpoint(client, from, last);
    return { to: { epoch: last.epoch, tx: last.tx, position: last.position }, events: events.length };
  }

  private wake(): void {
    this.isWoken = true;
    this.endPause();
  }

  /** Waits at most so long, and not at all when it was woken since the last pause. @returns whether it was woken */
  private async pause(milliseconds: number): Promise<boolean> {
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
}
