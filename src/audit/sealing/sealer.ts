import type pg from 'pg';
import { Leader } from '../../platform/database/leader.js';
import type { Logger } from '../../platform/logging/logger.js';
import type { ErrorLog } from '../../platform/queue/error-log.js';
import { READS_IN_ORDER } from '../cursor.js';
import { publicKeyPem, type Seal, type SigningKey } from '../proof/seal.js';
import { sealNext } from './seal-batch.js';

/** Pause between two looks while nothing is left over. */
const EVERY_MS = 1_000;
const TIMEOUT_MS = 20_000;
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
 * one leads; the checkpoint keeps a second one from writing even if it believed to.
 */
export class Sealer {
  private readonly leader: Leader;
  private readonly loggedAt = new Map<string, number>();
  private behindSince: number | undefined;

  constructor(private readonly dependencies: SealerDependencies) {
    const { url, errors } = dependencies;
    this.leader = new Leader({
      name: 'sealer',
      url,
      session: { role: 'sealer', settings: READS_IN_ORDER },
      timeoutMs: TIMEOUT_MS,
      errors,
      lead: (client) => this.lead(client),
      follow: () => (this.behindSince = undefined),
      interrupted: () => (this.behindSince ??= Date.now()),
    });
  }

  /** Seconds that the oldest event without a seal has waited, as of the last look; 0 in a process that does not lead. */
  get sealAgeSeconds(): number {
    return this.behindSince === undefined ? 0 : Math.max(0, Date.now() - this.behindSince) / 1000;
  }

  /** Begins to seal, or to wait until the leader is gone. */
  start(): void {
    this.leader.start();
  }

  stop(): Promise<void> {
    return this.leader.stop();
  }

  private async lead(client: pg.Client): Promise<void> {
    const { key } = this.dependencies;
    await client.query('insert into audit_keys (key_id, public_key) values ($1, $2) on conflict do nothing', [
      key.keyId,
      publicKeyPem(key),
    ]);
    while (!this.leader.isStopped) {
      const { seals, isFull, oldestUnsealedAt } = await sealNext(client, this.dependencies);
      this.behindSince = oldestUnsealedAt;
      for (const seal of seals) this.log(seal);
      if (!isFull) await this.leader.pause(EVERY_MS);
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
}
