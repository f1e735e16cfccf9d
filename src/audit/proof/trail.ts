import type { AuditEventRow } from './leaf-hash.js';
import { MerkleFrontier, subtreeRoots } from './merkle-tree.js';
import type { NodeReader } from './merkle-tree.js';
import type { Seal } from './seal.js';
import type { LeafReader } from './tiles.js';
import { TILE_WIDTH } from './tiles.js';

/** An event as it stands in the table, with the columns that its hash does not cover. */
export interface StoredEvent extends AuditEventRow {
  /** Decimal: a 64-bit number. */
  readonly tx: string;
  /** Decimal: a 64-bit number. */
  readonly position: string;
  /** Hex. */
  readonly leafHash: string;
}

/** A public key as a trail shows it; `publicKey` is PEM (SPKI). */
export interface TrailKey {
  readonly keyId: string;
  readonly publicKey: string;
}

/** What a trail is about: the leaves `from` ≤ i < `treeSize` of one organization. */
export interface TrailExtent {
  readonly organizationId: string;
  readonly from: number;
  readonly treeSize: number;
}

/**
 * A trail is a sequence of these: the header, the keys, for a range the frontier of the tree before it and the seal
 * over that; then, seal by seal, its new leaf hashes, its rows and the seal; last the rows that no seal covers yet.
 * Whoever reads it needs to remember no more than what lies between two seals.
 */
export type TrailRecord =
  | ({ readonly kind: 'header' } & TrailExtent)
  | ({ readonly kind: 'key' } & TrailKey)
  /** Hex roots of the perfect subtrees of the first `treeSize` leaves, the largest first. */
  | { readonly kind: 'frontier'; readonly treeSize: number; readonly hashes: readonly string[] }
  /** Hex leaf hashes from index `from` on. */
  | { readonly kind: 'leaves'; readonly from: number; readonly hashes: readonly string[] }
  | ({ readonly kind: 'event' } & StoredEvent)
  | ({ readonly kind: 'seal' } & Seal);

/** Where a trail comes from. Nothing is held beyond one row, one seal and one tile. */
export interface TrailSource {
  readonly organizationId: string;
  readonly keys: readonly TrailKey[];
  /** Rows after `base`, ordered by epoch, tx, position. */
  readonly events: AsyncIterable<StoredEvent>;
  /** Seals after `base`, ordered by tree size. */
  readonly seals: AsyncIterable<Seal>;
  readonly leaves: LeafReader;
  /** Tree size of the last of `seals`, 0 when there is none. */
  readonly treeSize: number;
  /** For a range: the seal that it begins after, and a reader of the nodes before it. */
  readonly base?: { readonly seal: Seal; readonly nodes: NodeReader };
}

/** Merges rows, leaf hashes and seals into the order of a trail. */
export async function* trailRecords(source: TrailSource): AsyncGenerator<TrailRecord> {
  yield* openingRecords(source);
  const events = source.events[Symbol.asyncIterator]();
  try {
    let next = await events.next();
    let sealed = source.base?.seal.treeSize ?? 0;
    for await (const seal of source.seals) {
      yield* leafRecords(source.leaves, sealed, seal.treeSize);
      for (; !next.done && isCovered(next.value, seal); next = await events.next()) yield eventRecord(next.value);
      yield { kind: 'seal', ...seal };
      sealed = seal.treeSize;
    }
    for (; !next.done; next = await events.next()) yield eventRecord(next.value);
  } finally {
    // The source may hold a database cursor, and a reader may stop early.
    await events.return?.();
  }
}

async function* openingRecords({ organizationId, treeSize, keys, base }: TrailSource): AsyncGenerator<TrailRecord> {
  yield { kind: 'header', organizationId, from: base?.seal.treeSize ?? 0, treeSize };
  for (const key of keys) yield { kind: 'key', ...key };
  if (!base) return;
  const hashes = await subtreeRoots(base.nodes, 0, base.seal.treeSize);
  yield { kind: 'frontier', treeSize: base.seal.treeSize, hashes: hashes.map(toHex) };
  yield { kind: 'seal', ...base.seal };
}

const eventRecord = (event: StoredEvent): TrailRecord => ({ kind: 'event', ...event });

async function* leafRecords(read: LeafReader, begin: number, end: number): AsyncGenerator<TrailRecord> {
  for (let from = begin; from < end;) {
    const to = Math.min(end, (Math.floor(from / TILE_WIDTH) + 1) * TILE_WIDTH);
    const hashes = await read(from, to);
    if (hashes.length > 0) yield { kind: 'leaves', from, hashes: hashes.map(toHex) };
    from = to;
  }
}

const toHex = (bytes: Buffer): string => bytes.toString('hex');

/** Whether the row's cursor lies at or before the seal's. */
function isCovered(event: StoredEvent, seal: Seal): boolean {
  if (event.epoch !== seal.lastEpoch) return event.epoch < seal.lastEpoch;
  const byTx = compareDecimals(event.tx, seal.lastTx);
  return byTx === 0 ? compareDecimals(event.position, seal.lastPosition) <= 0 : byTx < 0;
}

/** Compares non-negative decimals without leading zeros, without making a BigInt for every row. */
function compareDecimals(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left === right ? 0 : left < right ? -1 : 1;
}

/** The frontier that a `frontier` record describes. */
export const frontierOf = (record: { treeSize: number; hashes: readonly string[] }): MerkleFrontier =>
  new MerkleFrontier(
    record.treeSize,
    record.hashes.map((hash) => Buffer.from(hash, 'hex')),
  );
