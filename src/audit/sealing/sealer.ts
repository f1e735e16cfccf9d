import pg from 'pg';
import { sessionOptions } from '../../platform/database/pool.js';
import { READS_IN_ORDER } from '../cursor.js';
import type { Logger } from '../../platform/logging/logger.js';
import type { ErrorLog } from '../../platform/queue/error-log.js';
import { publicKeyPem, type Seal, type SigningKey } from '../proof/seal.js';
import { sealNext } from './seal-batch.js';

/** Pause between two looks while nothing is left over. */
const EVERY_MS = 1_000;
const TRY_TO_LEAD_MS = 500;
const RECONNECT_MS = 250;
const QUERY_TIMEOUT_MS = 20_000;
/** An organization's head is logged where it is kept at most so often. */
const LOG_EVERY_MS = 60_000;

export interface SealerDependencies {
  /** Of the database. */
  readonly url: string;
  /** The epoch in which rows are written now. */
  readonly epoch: number;
  readonly key: SigningKey;
  readonly logger: Logger;
  readonly errors: ErrorLog;
}

/**
 * Appends what was written to each organization's tree and signs the new root, about once a second. Of all processes
 * one leads, as long as its connection lives; the checkpoint keeps a second one from writing even if it believed to.
 */
export class Sealer {
  private isStopped = false;
  private endPause: () => void = () => undefined;
  private running: Promise<void> = Promise.resolve();
  private readonly loggedAt = new Map<string, number>();
  private behindSince: number | undefined;

  constructor(private readonly dependencies: SealerDependencies) {}

  /** Seconds that the oldest event without a seal has waited, as of the last look; 0 in a process that does not lead. */
  get sealAgeSeconds(): number {
    return this.behindSince === undefined ? 0 : Math.max(0, Date.now() - this.behindSince) / 1000;
  }

  /** Begins to seal, or to wait until the leader is gone. */
  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.endPause();
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
        this.behindSince ??= Date.now();
        this.dependencies.errors.report('sealer-interrupted', 'sealer', error);
        await this.pause(RECONNECT_MS);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  private createClient(): pg.Client {
    const client = new pg.Client({
      connectionString: this.dependencies.url,
      options: sessionOptions({ role: 'sealer', settings: READS_IN_ORDER }),
      application_name: 'proviso-sealer',
      connectionTimeoutMillis: QUERY_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
    });
    client.on('error', () => this.endPause());
    return client;
  }

  /** The lock belongs to the session: it ends with the connection, however that ends. */
  private async waitToLead(client: pg.Client): Promise<void> {
    while (!this.isStopped) {
      const { rows } = await client.query<{ leads: boolean }>(
        "select pg_try_advisory_lock(hashtextextended('proviso-sealer', 0)) as leads",
      );
      if (rows[0]!.leads) return;
      this.behindSince = undefined;
      await this.pause(TRY_TO_LEAD_MS);
    }
  }

  private async lead(client: pg.Client): Promise<void> {
    const { key } = this.dependencies;
    await client.query('insert into audit_keys (key_id, public_key) values ($1, $2) on conflict do nothing', [
      key.keyId,
      publicKeyPem(key),
    ]);
    while (!this.isStopped) {
      const { seals, isFull, oldestUnsealedAt } = await sealNext(client, this.dependencies);
      this.behindSince = oldestUnsealedAt;
      for (const seal of seals) this.log(seal);
      if (!isFull) await this.pause(EVERY_MS);
    }
  }

  /** Heads in the log are heads kept elsewhere: a trail cut short or rewritten does not fit them. */
  private log({ organizationId, treeSize, root, keyId }: Seal): void {
    const fields = { event: 'audit-sealed', organizationId, treeSize, root, keyId };
    const now = Date.now();
    if (now - (this.loggedAt.get(organizationId) ?? 0) < LOG_EVERY_MS) return this.dependencies.logger.debug(fields);
    this.loggedAt.set(organizationId, now);
    this.dependencies.logger.info(fields);
  }

  private async pause(milliseconds: number): Promise<void> {
    if (this.isStopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
