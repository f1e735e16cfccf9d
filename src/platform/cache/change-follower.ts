import type { EntityManager } from '@mikro-orm/postgresql';
import pg from 'pg';
import { sessionOptions } from '../database/pool.js';

const POLL_MS = 500;
const COMPARE_ALL_MS = 10_000;
/** A change may become visible after one with a higher number; so far back each poll looks again. */
const LOOK_BACK = 1_000;
const TURNS_UNREADY_AFTER_MS = 5_000;
const RECONNECT_MS = 250;

interface Head {
  organization_id: string;
  scope: string;
  revision: string;
  changed: string;
}

/** Raises the revision of something that processes keep in memory, within the transaction that changes it. */
export async function raiseHead(em: EntityManager, organizationId: string, scope: string): Promise<number> {
  const [row] = await em.execute<{ revision: string }[]>('select raise_cache_head(?, ?) as revision', [
    organizationId,
    scope,
  ]);
  return Number(row!.revision);
}

/**
 * Knows the revision of everything that is kept in memory. What is cached under a revision is never stale: when the
 * revision moves on, the entry is no longer found. NOTIFY only makes it quicker; a poll stands behind it.
 */
export class ChangeFollower {
  /** By organization, then by scope: to put a key together would cost more than to look twice. */
  private readonly revisions = new Map<string, Map<string, number>>();
  private lastChanged = 0;
  private followedAt = 0;
  private comparedAt = 0;
  private isStopped = false;
  private wake: () => void = () => undefined;
  private waiting: (() => void)[] = [];
  private running: Promise<void> = Promise.resolve();
  private client: pg.Client | undefined;

  constructor(private readonly url: string) {}

  /** The revision of a scope of one organization; 0 while it was never changed. */
  revision(organizationId: string, scope: string): number {
    return this.revisions.get(organizationId)?.get(scope) ?? 0;
  }

  /** Whether changes were seen within the last 5 s; a node that cannot follow must not answer. */
  get isFollowing(): boolean {
    return Date.now() - this.followedAt < TURNS_UNREADY_AFTER_MS;
  }

  /** Connects and reads every head; resolves when the first reading is in. */
  async start(): Promise<void> {
    await this.connect();
    await this.read(true);
    this.running = this.follow();
  }

  /**
   * Looks now instead of at the next poll, and resolves when that is done, so that whoever changed something finds it
   * changed on this instance. Never rejects: when the database is away the next poll sees it.
   */
  look(): Promise<void> {
    if (this.isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.wake();
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wake();
    await this.running;
    await this.client?.end().catch(() => undefined);
  }

  private async follow(): Promise<void> {
    while (!this.isStopped) {
      if (this.waiting.length === 0) await this.pause(this.client ? POLL_MS : RECONNECT_MS);
      const waiting = this.waiting.splice(0);
      if (!this.isStopped) await this.readOrDisconnect();
      for (const resolve of waiting) resolve();
    }
  }

  private async readOrDisconnect(): Promise<void> {
    try {
      if (!this.client) await this.connect();
      await this.read(Date.now() - this.comparedAt > COMPARE_ALL_MS);
    } catch {
      this.disconnect();
    }
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      options: sessionOptions({ role: 'follower' }),
      application_name: 'proviso-follower',
      connectionTimeoutMillis: TURNS_UNREADY_AFTER_MS,
      query_timeout: TURNS_UNREADY_AFTER_MS,
      keepAlive: true,
    });
    client.on('error', () => this.disconnect());
    client.on('notification', () => this.wake());
    await client.connect();
    await client.query('listen cache_heads');
    this.client = client;
  }

  private disconnect(): void {
    const client = this.client;
    this.client = undefined;
    void client?.end().catch(() => undefined);
  }

  private async read(isWhole: boolean): Promise<void> {
    const since = isWhole ? -1 : Math.max(0, this.lastChanged - LOOK_BACK);
    const { rows } = await this.client!.query<Head>({
      name: 'read-heads',
      text: 'select organization_id, scope, revision, changed from cache_heads where changed > $1',
      values: [since],
    });
    for (const row of rows) {
      this.revisionsOf(row.organization_id).set(row.scope, Number(row.revision));
      this.lastChanged = Math.max(this.lastChanged, Number(row.changed));
    }
    this.followedAt = Date.now();
    if (isWhole) this.comparedAt = this.followedAt;
  }

  private revisionsOf(organizationId: string): Map<string, number> {
    const known = this.revisions.get(organizationId) ?? new Map<string, number>();
    this.revisions.set(organizationId, known);
    return known;
  }
}
