import { conflict, DomainError } from '../../kernel/domain-error.js';
import type { Logger } from '../../platform/logging/logger.js';
import { readCheckpoints, type Connection, type Cursor } from '../cursor.js';
import { leafHash } from '../proof/leaf-hash.js';
import { HASH_BYTES, rootOfTree } from '../proof/merkle-tree.js';
import { signSeal, type Seal, type SigningKey } from '../proof/seal.js';
import { appendLeaves, nodesOfTiles, type Tile } from '../proof/tiles.js';
import type { StoredEvent } from '../proof/trail.js';
import {
  hashOfPrevious,
  MAX_SEALED_BYTES,
  MAX_SEALED_ROWS,
  oldestUnsealed,
  readTrees,
  readUnsealed,
  SEALER_CHECKPOINT,
  writeBatch,
  type SealedTree,
} from './seal-tables.js';

export interface SealDependencies {
  /** The epoch in which rows are written now. */
  readonly epoch: number;
  readonly key: SigningKey;
  readonly logger: Logger;
}

/** What one batch did. */
export interface SealOutcome {
  /** One for each organization that grew. */
  readonly seals: readonly Seal[];
  /** Whether more rows may be waiting. */
  readonly isFull: boolean;
  /** When the oldest row that is still unsealed occurred, in milliseconds. */
  readonly oldestUnsealedAt: number | undefined;
}

/**
 * Seals the next rows of the whole store, at most 2,000. Rows that a seal covers already are passed over, so that a
 * checkpoint set back does no harm. An organization whose tiles are damaged is left out, so that it does not hold up
 * the others: once its tiles are restored, the checkpoint set back to zero lets it catch up.
 */
export async function sealNext(connection: Connection, dependencies: SealDependencies): Promise<SealOutcome> {
  const from = (await readCheckpoints(connection)).get(SEALER_CHECKPOINT)!;
  const events = await readUnsealed(connection, from, dependencies.epoch);
  const last = events.at(-1);
  if (!last) return { seals: [], isFull: false, oldestUnsealedAt: await oldestUnsealed(connection, from) };
  const grown = await growTrees(connection, events, dependencies);
  const to: Cursor = { epoch: last.epoch, tx: last.tx, position: last.position };
  const seals = grown.map(({ seal }) => seal);
  await writeBatch(connection, { from, to, seals, tiles: grown.flatMap(tilesWithOwner) });
  const isFull = events.length === MAX_SEALED_ROWS || bytesOf(events) >= MAX_SEALED_BYTES;
  return { seals, isFull, oldestUnsealedAt: await oldestUnsealed(connection, to) };
}

interface GrownTree {
  readonly seal: Seal;
  readonly tiles: readonly Tile[];
}

async function growTrees(
  connection: Connection,
  events: readonly StoredEvent[],
  dependencies: SealDependencies,
): Promise<GrownTree[]> {
  const byOrganization = Map.groupBy(events, ({ organizationId }) => organizationId);
  const trees = await readTrees(connection, [...byOrganization.keys()]);
  const grown: GrownTree[] = [];
  for (const [organizationId, rows] of byOrganization) {
    const tree = trees.get(organizationId)!;
    const added = rows.filter((row) => isAfter(row, tree.seal));
    if (added.length === 0) continue;
    try {
      grown.push(await growTree(tree, added, dependencies));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      dependencies.logger.error({ event: 'audit-tree-damaged', organizationId, error }, error.message);
    }
  }
  return grown;
}

async function growTree(
  { seal: previous, edge }: SealedTree,
  rows: readonly StoredEvent[],
  { key, logger }: SealDependencies,
): Promise<GrownTree> {
  const size = previous?.treeSize ?? 0;
  if (previous) await checkEdge(previous, edge);
  const treeSize = size + rows.length;
  const leaves = rows.map((row) => leafOf(row, logger));
  const tiles = appendLeaves(size, edge, leaves);
  const last = rows.at(-1)!;
  const statement = {
    organizationId: last.organizationId,
    treeSize,
    root: await rootOver([...edge, ...tiles], treeSize),
    lastEpoch: last.epoch,
    lastTx: last.tx,
    lastPosition: last.position,
    previousSealHash: hashOfPrevious(previous),
    sealedAt: timeAfter(previous),
  };
  return { seal: signSeal(statement, key), tiles };
}

/** What is signed next must continue what was signed last, so tiles that were changed since are not built upon. */
async function checkEdge({ organizationId, treeSize, root }: Seal, edge: readonly Tile[]): Promise<void> {
  if ((await rootOver(edge, treeSize)) === root) return;
  throw conflict(
    'audit-tile-damaged',
    `The tiles of organization ${organizationId} no longer have the root that was sealed over ${treeSize} leaves; verify the trail.`,
  );
}

/** The edge tiles of a tree hold all the nodes that its root is made of. Of a tile given twice the later one counts. */
async function rootOver(tiles: readonly Tile[], treeSize: number): Promise<string> {
  const known = new Map(tiles.map(({ level, tile, hashes }) => [`${level}/${tile}`, hashes]));
  const nodes = nodesOfTiles(async ({ level, tile }) => known.get(`${level}/${tile}`));
  return (await rootOfTree(nodes, treeSize)).toString('hex');
}

/**
 * The leaf of a row: the hash that was stored with it. Where the row does not hash to it, one of both was changed
 * before the sealer came by; the stored hash then goes into the tree all the same, because it is the nearest there is
 * to what the application wrote, and verification names the row for ever. Nothing is signed that was made from the
 * changed row, unless what is stored is no hash at all.
 */
function leafOf(row: StoredEvent, logger: Logger): Buffer {
  const computed = leafHash(row);
  const stored = Buffer.from(row.leafHash, 'hex');
  if (stored.equals(computed)) return stored;
  const { organizationId, id } = row;
  logger.error(
    { event: 'leaf-mismatch', organizationId, eventId: id },
    `Event ${id} was changed before it was sealed.`,
  );
  return stored.length === HASH_BYTES ? stored : computed;
}

/** Seals are found by time, so theirs never runs back, whatever the machine's clock does. */
function timeAfter(previous: Seal | undefined): string {
  const now = new Date().toISOString();
  return previous && previous.sealedAt > now ? previous.sealedAt : now;
}

function isAfter(row: StoredEvent, seal: Seal | undefined): boolean {
  if (!seal || row.epoch !== seal.lastEpoch) return row.epoch > (seal?.lastEpoch ?? -1);
  if (row.tx !== seal.lastTx) return BigInt(row.tx) > BigInt(seal.lastTx);
  return BigInt(row.position) > BigInt(seal.lastPosition);
}

const tilesWithOwner = ({ seal, tiles }: GrownTree): (Tile & { organizationId: string })[] =>
  tiles.map((tile) => ({ organizationId: seal.organizationId, ...tile }));

const bytesOf = (events: readonly StoredEvent[]): number =>
  events.reduce((sum, { payload }) => sum + Buffer.byteLength(payload), 0);
