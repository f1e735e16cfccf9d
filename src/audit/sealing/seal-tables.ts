import type { Connection, Cursor } from '../cursor.js';
import { sealHash, type Seal } from '../proof/seal.js';
import { edgeTiles, type Tile } from '../proof/tiles.js';
import type { StoredEvent } from '../proof/trail.js';
import { STORED_EVENT_COLUMNS, storedEventOf, type StoredEventRow } from '../store/stored-event.js';
import { SEAL_COLUMNS, sealOf, type SealRow } from '../store/stored-seal.js';

/** The name of the sealer's checkpoint. */
export const SEALER_CHECKPOINT = 'sealer';

/** Most rows of one batch, and so most leaves of one seal. */
export const MAX_SEALED_ROWS = 2_000;
/** Payload bytes after which a batch ends, so that large contexts do not fill the memory. */
export const MAX_SEALED_BYTES = 16 * 1024 * 1024;

/**
 * Rows after a place in the order of the relay, and gated like it: reading ends before the oldest transaction that is
 * still open, which may yet commit rows; rows of an older epoch are all committed.
 */
export async function readUnsealed(connection: Connection, after: Cursor, epoch: number): Promise<StoredEvent[]> {
  const { rows } = await connection.query<StoredEventRow>({
    name: 'seal-read',
    text: `select ${STORED_EVENT_COLUMNS}
      from (
        select waiting.*, sum(octet_length(waiting.payload))
          over (order by waiting.epoch, waiting.tx, waiting.position) - octet_length(waiting.payload) as bytes_before
        from (
          select * from events e
          where (e.epoch, e.tx, e.position) > ($1::smallint, $2::xid8, $3::bigint)
            and (e.epoch, e.tx) < ($4::smallint, pg_snapshot_xmin(pg_current_snapshot()))
          order by e.epoch, e.tx, e.position limit ${MAX_SEALED_ROWS}
        ) as waiting
      ) as event
      where event.bytes_before < ${MAX_SEALED_BYTES}
      order by event.epoch, event.tx, event.position`,
    values: [after.epoch, after.tx, after.position, epoch],
  });
  return rows.map(storedEventOf);
}

/** When the oldest row after a place occurred, held back by the gate or not; undefined when all rows are sealed. */
export async function oldestUnsealed(connection: Connection, after: Cursor): Promise<number | undefined> {
  const { rows } = await connection.query<{ occurred_at: Date }>({
    name: 'seal-oldest',
    text: `select e.occurred_at from events e where (e.epoch, e.tx, e.position) > ($1::smallint, $2::xid8, $3::bigint)
      order by e.epoch, e.tx, e.position limit 1`,
    values: [after.epoch, after.tx, after.position],
  });
  return rows[0]?.occurred_at.getTime();
}

/** An organization's tree as the last seal left it. */
export interface SealedTree {
  /** None before the first. */
  readonly seal: Seal | undefined;
  readonly edge: readonly Tile[];
}

/** The trees of some organizations, in two statements however many they are. */
export async function readTrees(
  connection: Connection,
  organizationIds: readonly string[],
): Promise<Map<string, SealedTree>> {
  const sealed = await connection.query<SealRow>({
    name: 'seal-heads',
    text: `select ${SEAL_COLUMNS} from unnest($1::uuid[]) as wanted(organization_id)
      cross join lateral (select * from audit_seals s where s.organization_id = wanted.organization_id
        order by s.tree_size desc limit 1) as seal`,
    values: [organizationIds],
  });
  const seals = sealed.rows.map(sealOf);
  const places = seals.flatMap(({ organizationId, treeSize }) =>
    edgeTiles(treeSize).map((place) => ({ organizationId, ...place })),
  );
  const { rows: tiles } = await connection.query<Tile & { organizationId: string }>({
    name: 'seal-edges',
    text: `select t.organization_id as "organizationId", t.level, t.tile::float8 as tile, t.hashes
      from unnest($1::uuid[], $2::smallint[], $3::bigint[]) as place(organization_id, level, tile)
      join audit_tiles t using (organization_id, level, tile)`,
    values: columnsOf(places, 'organizationId', 'level', 'tile'),
  });
  return new Map(
    organizationIds.map((id) => [
      id,
      {
        seal: seals.find(({ organizationId }) => organizationId === id),
        edge: tiles.filter(({ organizationId }) => organizationId === id),
      },
    ]),
  );
}

/** What a batch writes. */
export interface SealedBatch {
  readonly from: Cursor;
  readonly to: Cursor;
  readonly seals: readonly Seal[];
  readonly tiles: readonly (Tile & { readonly organizationId: string })[];
}

/**
 * Writes tiles, seals and checkpoint together, in one statement: an open writing transaction holds the relay's gate
 * for everybody, so this one is as short as can be.
 * @throws Error when somebody else moved the checkpoint meanwhile; nothing is written then
 */
export async function writeBatch(connection: Connection, { from, to, seals, tiles }: SealedBatch): Promise<void> {
  const rows = seals.map((seal) => ({
    ...seal,
    root: Buffer.from(seal.root, 'hex'),
    previousSealHash: seal.previousSealHash === null ? null : Buffer.from(seal.previousSealHash, 'hex'),
    signature: Buffer.from(seal.signature, 'base64'),
  }));
  const { rows: answer } = await connection.query<{ moved: boolean }>({
    ...WRITE,
    values: [
      ...[to.epoch, to.tx, to.position, from.epoch, from.tx, from.position],
      ...columnsOf(tiles, 'organizationId', 'level', 'tile', 'hashes'),
      ...columnsOf(rows, 'organizationId', 'treeSize', 'root', 'lastEpoch', 'lastTx', 'lastPosition'),
      ...columnsOf(rows, 'previousSealHash', 'sealedAt', 'keyId', 'signature'),
    ],
  });
  if (!answer[0]!.moved) throw new Error('Another sealer moved the checkpoint; this one steps back.');
}

const WRITE = {
  name: 'seal-write',
  text: `with moved as (
      update relay_checkpoints set epoch = $1, tx = $2::xid8, position = $3
      where name = '${SEALER_CHECKPOINT}' and (epoch, tx, position) = ($4::smallint, $5::xid8, $6::bigint)
      returning true
    ), stored_tiles as (
      insert into audit_tiles (organization_id, level, tile, hashes)
      select * from unnest($7::uuid[], $8::smallint[], $9::bigint[], $10::bytea[]) where exists (select from moved)
      on conflict (organization_id, level, tile) do update set hashes = excluded.hashes
    ), stored_seals as (
      insert into audit_seals (organization_id, tree_size, root, last_epoch, last_tx, last_position,
        previous_seal_hash, sealed_at, key_id, signature)
      select * from unnest($11::uuid[], $12::bigint[], $13::bytea[], $14::smallint[], $15::xid8[], $16::bigint[],
        $17::bytea[], $18::timestamptz[], $19::text[], $20::bytea[]) where exists (select from moved)
    )
    select exists (select from moved) as moved`,
};

/** One array a member, for `unnest`. */
const columnsOf = <T>(rows: readonly T[], ...members: readonly (keyof T)[]): unknown[][] =>
  members.map((member) => rows.map((row) => row[member]));

/** What the next seal says of the one before it. */
export const hashOfPrevious = (seal: Seal | undefined): string | null => (seal ? sealHash(seal) : null);
