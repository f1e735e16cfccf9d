import type pg from 'pg';
import { invalid } from '../../kernel/domain-error.js';
import type { Pools } from '../../platform/database/pools.js';
import type { Seal } from '../proof/seal.js';
import { leavesOfTiles, nodesOfTiles } from '../proof/tiles.js';
import type { TileReader } from '../proof/tiles.js';
import type { StoredEvent, TrailKey, TrailSource } from '../proof/trail.js';
import { STORED_EVENT_COLUMNS, storedEventOf, type StoredEventRow } from './stored-event.js';
import { SEAL_COLUMNS, sealOf, type SealRow } from './stored-seal.js';

const ROWS_AT_ONCE = 100;
const SEALS_AT_ONCE = 500;

/** Which part of a trail, in instants (ISO 8601); it runs from seal to seal. */
export interface TrailRange {
  /** Begins after the newest seal made at or before it; at the first event when absent. */
  readonly from?: string;
  /** Ends with the oldest seal made at or after it; with the rows that no seal covers yet when absent. */
  readonly to?: string;
}

/**
 * The connections that read whole trails. Such a transaction may last as long as its reader: it never writes, so it
 * holds neither the relay nor the sealer.
 */
export const trailPool = (pools: Pools): pg.Pool =>
  pools.get('trails', {
    role: 'app',
    max: 2,
    settings: {
      default_transaction_read_only: 'on',
      transaction_timeout: '0',
      idle_in_transaction_session_timeout: '60000',
      statement_timeout: '300000',
      cursor_tuple_fraction: '1',
    },
  });

/** One organization's events, tiles and seals as they stood at one moment. Must be closed. */
export class TrailSnapshot {
  private constructor(
    private readonly client: pg.PoolClient,
    readonly organizationId: string,
  ) {}

  static async open(pool: pg.Pool, organizationId: string): Promise<TrailSnapshot> {
    const client = await pool.connect();
    try {
      await client.query('begin isolation level repeatable read read only');
      await client.query("select set_config('app.organization_id', $1, true)", [organizationId]);
      return new TrailSnapshot(client, organizationId);
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** Gives the connection back; one that cannot end its transaction is thrown away. */
  async close(): Promise<void> {
    try {
      await this.client.query('rollback');
      this.client.release();
    } catch {
      this.client.release(true);
    }
  }

  /** The trail, or a part of it, for one reader. @throws invalid `audit-range-reversed` */
  async source({ from, to }: TrailRange = {}): Promise<TrailSource> {
    if (from !== undefined && to !== undefined && Date.parse(from) > Date.parse(to)) {
      throw invalid('audit-range-reversed', '`from` lies after `to`; exchange them.');
    }
    const base = await this.sealBefore(from);
    const end = await this.sealAfter(to);
    const last = end ?? (await this.lastSeal());
    return {
      organizationId: this.organizationId,
      keys: await this.keys(),
      events: this.events(base, end),
      seals: this.seals(base, end),
      leaves: leavesOfTiles(this.tileReader()),
      treeSize: last?.treeSize ?? 0,
      ...(base && { base: { seal: base, nodes: nodesOfTiles(this.tileReader()) } }),
    };
  }

  /** The newest seal. */
  async lastSeal(): Promise<Seal | undefined> {
    return this.seal('true', [], 'seal.tree_size desc');
  }

  /** The seal that covers a row, and the size of the tree before it; undefined when none covers it yet. */
  async sealCovering(row: Pick<StoredEvent, 'epoch' | 'tx' | 'position'>): Promise<[Seal, number] | undefined> {
    const seal = await this.seal(
      '(seal.last_epoch, seal.last_tx, seal.last_position) >= ($2::smallint, $3::xid8, $4::bigint)',
      [row.epoch, row.tx, row.position],
      'seal.last_epoch, seal.last_tx, seal.last_position',
    );
    if (!seal) return undefined;
    const before = await this.seal('seal.tree_size < $2', [seal.treeSize], 'seal.tree_size desc');
    return [seal, before?.treeSize ?? 0];
  }

  /** Every key that ever signed here; keys belong to the installation. */
  async keys(): Promise<TrailKey[]> {
    const { rows } = await this.client.query<TrailKey>(
      'select key_id as "keyId", public_key as "publicKey" from audit_keys order by first_used_at, key_id',
    );
    return rows;
  }

  /** Reads tiles; the last one is kept, because its hashes are asked for one after the other. */
  tileReader(): TileReader {
    let kept: { readonly place: string; readonly hashes: Buffer | undefined } | undefined;
    return async ({ level, tile }) => {
      const place = `${level}/${tile}`;
      if (kept?.place !== place) {
        const { rows } = await this.client.query<{ hashes: Buffer }>({
          name: 'trail-tile',
          text: 'select hashes from audit_tiles where organization_id = $1 and level = $2 and tile = $3',
          values: [this.organizationId, level, tile],
        });
        kept = { place, hashes: rows[0]?.hashes };
      }
      return kept.hashes;
    };
  }

  private async sealBefore(instant: string | undefined): Promise<Seal | undefined> {
    if (instant === undefined) return undefined;
    return this.seal('seal.sealed_at <= $2::timestamptz', [instant], 'seal.sealed_at desc, seal.tree_size desc');
  }

  private async sealAfter(instant: string | undefined): Promise<Seal | undefined> {
    if (instant === undefined) return undefined;
    return this.seal('seal.sealed_at >= $2::timestamptz', [instant], 'seal.sealed_at, seal.tree_size');
  }

  private async seal(condition: string, values: readonly unknown[], order: string): Promise<Seal | undefined> {
    const { rows } = await this.client.query<SealRow>(
      `select ${SEAL_COLUMNS} from audit_seals seal where seal.organization_id = $1 and ${condition}
       order by ${order} limit 1`,
      [this.organizationId, ...values],
    );
    return rows[0] && sealOf(rows[0]);
  }

  private async *seals(after: Seal | undefined, upTo: Seal | undefined): AsyncGenerator<Seal> {
    const end = upTo?.treeSize ?? Number.MAX_SAFE_INTEGER;
    for (let size = after?.treeSize ?? 0, read = SEALS_AT_ONCE; read === SEALS_AT_ONCE;) {
      const { rows } = await this.client.query<SealRow>(
        `select ${SEAL_COLUMNS} from audit_seals seal
         where seal.organization_id = $1 and seal.tree_size > $2 and seal.tree_size <= $3
         order by seal.tree_size limit ${SEALS_AT_ONCE}`,
        [this.organizationId, size, end],
      );
      yield* rows.map(sealOf);
      read = rows.length;
      size = Number(rows.at(-1)?.treeSize ?? size);
    }
  }

  /** A cursor of the server keeps one plan and, when it has to sort, sorts once. */
  private async *events(after: Seal | undefined, upTo: Seal | undefined): AsyncGenerator<StoredEvent> {
    const [from, to] = [after ? cursorOf(after) : BEFORE_ALL, upTo ? cursorOf(upTo) : AFTER_ALL];
    await this.client.query(
      `declare trail_events no scroll cursor for
       select ${STORED_EVENT_COLUMNS} from events event
       where event.organization_id = $1
         and ($2::smallint is null or (event.epoch, event.tx, event.position) > ($2, $3::xid8, $4::bigint))
         and (event.epoch, event.tx, event.position) <= ($5::smallint, $6::xid8, $7::bigint)
       order by event.epoch, event.tx, event.position`,
      [this.organizationId, ...from, ...to],
    );
    for (let read = ROWS_AT_ONCE; read === ROWS_AT_ONCE;) {
      const { rows } = await this.client.query<StoredEventRow>(`fetch ${ROWS_AT_ONCE} from trail_events`);
      yield* rows.map(storedEventOf);
      read = rows.length;
    }
  }
}

type Place = readonly [epoch: number | null, tx: string | null, position: string | null];

const cursorOf = (seal: Seal): Place => [seal.lastEpoch, seal.lastTx, seal.lastPosition];

/** No bound at all, and the highest that the columns can hold: nobody can put a row outside. */
const BEFORE_ALL: Place = [null, null, null];
const AFTER_ALL: Place = [32_767, '18446744073709551615', '9223372036854775807'];
