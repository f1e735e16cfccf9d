import { conflict } from '../../kernel/domain-error.js';
import { HASH_BYTES, nodeHash } from './merkle-tree.js';
import type { NodeReader } from './merkle-tree.js';

/** Hashes in a full tile. */
export const TILE_WIDTH = 256;

const TILE_LEVELS = 8;

/**
 * A row of `audit_tiles`: up to 256 hashes side by side, concatenated. Level 0 holds leaf hashes; a hash of level
 * k + 1 is the root of a full tile of level k. Only the last tile of a level is partial; it grows, and nothing in it
 * ever changes.
 */
export interface Tile {
  readonly level: number;
  readonly tile: number;
  readonly hashes: Buffer;
}

/** Where a tile stands. */
export type TilePlace = Pick<Tile, 'level' | 'tile'>;

/** Loads the hashes of one tile, `undefined` when there is no such row. */
export type TileReader = (place: TilePlace) => Promise<Buffer | undefined>;

/** The partial tiles at the right edge of a tree of `size` leaves: all that `appendLeaves` has to be given. */
export function edgeTiles(size: number): TilePlace[] {
  const places: TilePlace[] = [];
  for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / TILE_WIDTH)) {
    if (count % TILE_WIDTH > 0) places.push({ level, tile: Math.floor(count / TILE_WIDTH) });
  }
  return places;
}

/**
 * Appends leaf hashes to a tree of `size` leaves and returns every tile that is new or has grown, to be stored.
 * @throws DomainError `audit-tile-damaged` when an edge tile is missing or does not fit the size.
 */
export function appendLeaves(size: number, edge: readonly Tile[], leaves: readonly Buffer[]): Tile[] {
  const changed: Tile[] = [];
  let entries = leaves;
  for (let level = 0, count = size; entries.length > 0; level += 1, count = Math.floor(count / TILE_WIDTH)) {
    const grown = growLevel(level, count, edge, entries);
    changed.push(...grown);
    entries = grown.filter(isFull).map(({ hashes }) => perfectRoot(hashes));
  }
  return changed;
}

const isFull = ({ hashes }: Tile): boolean => hashes.length === TILE_WIDTH * HASH_BYTES;

function growLevel(level: number, count: number, edge: readonly Tile[], entries: readonly Buffer[]): Tile[] {
  const first = Math.floor(count / TILE_WIDTH);
  const filled = (count % TILE_WIDTH) * HASH_BYTES;
  const partial = edge.find((tile) => tile.level === level && tile.tile === first)?.hashes ?? Buffer.alloc(0);
  if (partial.length !== filled) throw damagedTile({ level, tile: first }, filled, partial.length);
  const hashes = Buffer.concat([partial, ...entries]);
  const tiles: Tile[] = [];
  for (let begin = 0; begin < hashes.length; begin += TILE_WIDTH * HASH_BYTES) {
    const end = begin + TILE_WIDTH * HASH_BYTES;
    tiles.push({ level, tile: first + tiles.length, hashes: hashes.subarray(begin, end) });
  }
  return tiles;
}

function perfectRoot(hashes: Buffer): Buffer {
  if (hashes.length === HASH_BYTES) return hashes;
  const middle = hashes.length / 2;
  return nodeHash(perfectRoot(hashes.subarray(0, middle)), perfectRoot(hashes.subarray(middle)));
}

/**
 * Reads nodes of the tree out of its tiles, for roots and proofs of any size up to that of the stored tree.
 * @throws DomainError `audit-tile-damaged` from the reader when a tile is missing or too short.
 */
export const nodesOfTiles =
  (readTile: TileReader): NodeReader =>
  async (level, index) => {
    const tileLevel = Math.floor(level / TILE_LEVELS);
    const width = 2 ** (level % TILE_LEVELS);
    const place = { level: tileLevel, tile: Math.floor((index * width) / TILE_WIDTH) };
    const begin = ((index * width) % TILE_WIDTH) * HASH_BYTES;
    const end = begin + width * HASH_BYTES;
    const hashes = (await readTile(place)) ?? Buffer.alloc(0);
    if (hashes.length < end) throw damagedTile(place, end, hashes.length);
    return perfectRoot(hashes.subarray(begin, end));
  };

/** Gives the leaf hashes `begin` ≤ i < `end`; fewer when they are missing. */
export type LeafReader = (begin: number, end: number) => Promise<Buffer[]>;

/** Reads leaf hashes out of the tiles of level 0; a missing or short tile ends the answer early. */
export const leavesOfTiles =
  (readTile: TileReader): LeafReader =>
  async (begin, end) => {
    const leaves: Buffer[] = [];
    for (let at = begin; at < end;) {
      const tile = Math.floor(at / TILE_WIDTH);
      const tileEnd = Math.min(end, (tile + 1) * TILE_WIDTH);
      const hashes = (await readTile({ level: 0, tile })) ?? Buffer.alloc(0);
      const available = Math.min(tileEnd, tile * TILE_WIDTH + Math.floor(hashes.length / HASH_BYTES));
      for (; at < available; at += 1) {
        const offset = (at % TILE_WIDTH) * HASH_BYTES;
        leaves.push(hashes.subarray(offset, offset + HASH_BYTES));
      }
      if (available < tileEnd) break;
    }
    return leaves;
  };

const damagedTile = (place: TilePlace, needed: number, found: number) =>
  conflict(
    'audit-tile-damaged',
    `Tile ${place.tile} of level ${place.level} holds ${found} bytes where ${needed} are needed; verify the trail.`,
    { ...place },
  );
