import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { eventRow, type HashedEvent } from '../../src/audit/event-row.js';
import { createSigningKey, publicKeyPem } from '../../src/audit/proof/seal.js';
import { verifyTrail, type TrailHead, type TrailReport } from '../../src/audit/proof/verify.js';
import { exportOf } from '../../src/audit/queries/export-trail.js';
import { Recorder } from '../../src/audit/recorder.js';
import { sealNext } from '../../src/audit/sealing/seal-batch.js';
import { TrailSnapshot, trailPool, type TrailRange } from '../../src/audit/store/trail-snapshot.js';
import { newId } from '../../src/kernel/id.js';
import { sessionOptions } from '../../src/platform/database/pool.js';
import { Pools } from '../../src/platform/database/pools.js';
import type { Actor } from '../../src/platform/http/actor.js';
import { createLogger, type Logger } from '../../src/platform/logging/logger.js';
import { eventually } from './eventually.js';

const verifier = fileURLToPath(new URL('../../scripts/verify-export.mjs', import.meta.url));
const FOUND = { type: 'test.noted', version: 1, isPublished: false, description: 'Something was noted: its number.' };

/** Somebody of an organization. */
export const actorOf = (organizationId: string): Actor => ({
  type: 'user',
  id: newId(),
  organizationId,
  roles: [],
  permissions: new Set(['audit:read']),
  correlationId: newId(),
  depth: 0,
});

/** What makes an event of the tests different from the next. */
export interface EventWish {
  readonly actor?: Actor;
  readonly type?: string;
  readonly subject?: { readonly type: string; readonly id: string };
  readonly ruleIds?: readonly string[];
  /** 1 unless given. */
  readonly epoch?: number;
  /** The present unless given. */
  readonly at?: Date;
}

const GATE_OPENS_WITHIN_MS = 30_000;

/** The event store of one test database, written and sealed by hand. */
export class AuditTrail {
  readonly key = createSigningKey();
  readonly lines: Record<string, unknown>[] = [];
  readonly logger: Logger = createLogger(
    { LOG_LEVEL: 'debug', NODE_ENV: 'test' },
    { write: (line: string) => void this.lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  private numbers = 0;

  private constructor(
    readonly pools: Pools,
    /** A superuser, who may change what nobody may. */
    readonly owner: pg.Client,
    readonly sealer: pg.Client,
    readonly recorder: Recorder,
  ) {}

  static async open(url: string): Promise<AuditTrail> {
    const owner = new pg.Client({ connectionString: url });
    const sealer = new pg.Client({ connectionString: url, options: sessionOptions({ role: 'sealer' }) });
    await Promise.all([owner.connect(), sealer.connect()]);
    const pools = new Pools(url);
    const recorder = new Recorder(pools.get('recorder', { role: 'recorder', max: 2 }));
    const trail = new AuditTrail(pools, owner, sealer, recorder);
    await sealer.query('insert into audit_keys (key_id, public_key) values ($1, $2)', [
      trail.key.keyId,
      publicKeyPem(trail.key),
    ]);
    return trail;
  }

  async close(): Promise<void> {
    await Promise.all([this.owner.end(), this.sealer.end(), this.pools.onApplicationShutdown()]);
  }

  /** An event that is not written yet. */
  event(organizationId: string, wish: EventWish = {}): HashedEvent {
    const actor = wish.actor ?? actorOf(organizationId);
    const event = { type: wish.type ?? FOUND.type, version: 1, payload: { number: this.numbers++ } };
    const source = wish.subject ?? { type: 'thing', id: newId() };
    const place = { epoch: wish.epoch ?? 1, source, streamVersion: 1, ordinal: 0, id: newId(wish.at) };
    return eventRow(actor, event, FOUND, place);
  }

  /** Writes events one after the other and gives their ids. */
  async record(organizationId: string, count = 1, wish: EventWish = {}): Promise<string[]> {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const event = this.event(organizationId, wish);
      await this.recorder.record({ event, ruleIds: wish.ruleIds ?? [] });
      ids.push(event.row.id);
    }
    return ids;
  }

  /** Seals what there is at once: others in the cluster may hold the gate for a while, which is waited for. */
  async seal(epoch = 1): Promise<void> {
    await eventually(async () => {
      const { rowCount } = await this.owner.query(
        'select from events where epoch = $1 and tx >= pg_snapshot_xmin(pg_current_snapshot()) limit 1',
        [epoch],
      );
      if (rowCount !== 0) throw new Error('A transaction of somebody else is still open.');
    }, GATE_OPENS_WITHIN_MS);
    await eventually(async () => {
      const { oldestUnsealedAt } = await sealNext(this.sealer, { epoch, key: this.key, logger: this.logger });
      if (oldestUnsealedAt !== undefined) throw new Error('Something is still waiting to be sealed.');
    });
  }

  /** Does as superuser what the store refuses to everybody. */
  async tamper(statement: string, values: readonly unknown[] = []): Promise<void> {
    await this.owner.query('set session_replication_role = replica');
    try {
      await this.owner.query(statement, [...values]);
    } finally {
      await this.owner.query('set session_replication_role = default');
    }
  }

  async head(organizationId: string): Promise<TrailHead> {
    const seal = await this.within(organizationId, (snapshot) => snapshot.lastSeal());
    return { organizationId, treeSize: seal!.treeSize, root: seal!.root };
  }

  verify(organizationId: string, range: TrailRange = {}, head?: TrailHead): Promise<TrailReport> {
    return this.within(organizationId, async (snapshot) => verifyTrail({ ...(await snapshot.source(range)), head }));
  }

  /** What the standalone program says of the exported file, which is all that it gets. */
  async verifyExported(
    organizationId: string,
    range: TrailRange = {},
    head?: TrailHead,
  ): Promise<{ exitCode: number | null; output: string }> {
    const folder = process.env.TEST_FOLDER!;
    const file = join(folder, `export-${newId()}.ndjson`);
    await writeFile(
      file,
      await text(await exportOf(trailPool(this.pools), { organizationId, range, format: 'ndjson' })),
    );
    const headFile = join(folder, `head-${newId()}.json`);
    if (head) await writeFile(headFile, JSON.stringify(head));
    const options = head ? ['--head', headFile] : [];
    const { status, stdout, stderr } = spawnSync(process.execPath, [verifier, ...options, file], { encoding: 'utf8' });
    return { exitCode: status, output: stdout + stderr };
  }

  private async within<R>(organizationId: string, work: (snapshot: TrailSnapshot) => Promise<R>): Promise<R> {
    const snapshot = await TrailSnapshot.open(trailPool(this.pools), organizationId);
    try {
      return await work(snapshot);
    } finally {
      await snapshot.close();
    }
  }
}
