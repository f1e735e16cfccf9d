import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { DomainError } from '../../kernel/domain-error.js';
import { inclusionProof, rootOfLeaves, rootOfTree, verifyInclusion } from './merkle-tree.js';
import { appendLeaves, edgeTiles, leavesOfTiles, nodesOfTiles } from './tiles.js';
import type { Tile, TilePlace } from './tiles.js';

/** More than 256 full tiles, so that three levels exist. */
const leaves = Array.from({ length: 66_100 }, (_, index) => createHash('sha256').update(String(index)).digest());

/** `audit_tiles` of one organization, filled in batches of the given sizes. */
class TileTable {
  readonly tiles = new Map<string, Tile>();
  size = 0;

  append(count: number): Tile[] {
    const edge = edgeTiles(this.size).map((place) => this.tiles.get(this.key(place)));
    const batch = leaves.slice(this.size, this.size + count);
    const stored = edge.filter((tile) => tile !== undefined);
    const changed = appendLeaves(this.size, stored, batch);
    for (const tile of changed) this.tiles.set(this.key(tile), tile);
    this.size += batch.length;
    return changed;
  }

  readonly read = async (place: TilePlace): Promise<Buffer | undefined> => this.tiles.get(this.key(place))?.hashes;

  private key({ level, tile }: TilePlace): string {
    return `${level}/${tile}`;
  }
}

describe('tiles', () => {
  it('hold the same tree whatever the batches, and return only what changed', async () => {
    const batches = fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 8 });
    const property = fc.asyncProperty(batches, async (counts) => {
      const table = new TileTable();
      for (const count of counts) {
        const before = table.size;
        const changed = table.append(count);
        expect(changed.filter(({ level }) => level === 0).map(({ tile }) => tile)).toEqual(
          count === 0 ? [] : range(Math.floor(before / 256), Math.ceil(table.size / 256)),
        );
        expect(await rootOfTree(nodesOfTiles(table.read), table.size)).toEqual(
          rootOfLeaves(leaves.slice(0, table.size)),
        );
      }
      const read = await leavesOfTiles(table.read)(0, table.size);
      expect(Buffer.concat(read).equals(Buffer.concat(leaves.slice(0, table.size)))).toBe(true);
    });
    await fc.assert(property, { numRuns: 20 });
  });

  it('give roots and proofs of older sizes too, over three levels', async () => {
    const table = new TileTable();
    while (table.size < leaves.length) table.append(9_999);
    expect([...table.tiles.values()].filter(({ level }) => level === 2)).toHaveLength(1);
    const nodes = nodesOfTiles(table.read);
    for (const size of [1, 255, 256, 257, 65_535, 65_536, 65_537, 66_100]) {
      const root = rootOfLeaves(leaves.slice(0, size));
      expect(await rootOfTree(nodes, size)).toEqual(root);
      for (const index of [0, size >> 1, size - 1]) {
        const proof = await inclusionProof(nodes, index, size);
        expect(verifyInclusion({ leaf: leaves[index] ?? root, index, size, root }, proof)).toBe(true);
      }
    }
  });

  it('refuse to grow on an edge that does not fit, and say which tile is damaged', async () => {
    const table = new TileTable();
    table.append(300);
    expect(edgeTiles(300)).toEqual([
      { level: 0, tile: 1 },
      { level: 1, tile: 0 },
    ]);
    expect(() => appendLeaves(300, [], leaves.slice(0, 1))).toThrow(DomainError);
    table.tiles.delete('0/1');
    expect(await leavesOfTiles(table.read)(250, 300)).toEqual(leaves.slice(250, 256));
    await expect(rootOfTree(nodesOfTiles(table.read), 300)).rejects.toMatchObject({
      code: 'audit-tile-damaged',
      details: { level: 0, tile: 1 },
    });
  });
});

const range = (begin: number, end: number): number[] => Array.from({ length: end - begin }, (_, at) => begin + at);
