import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import {
  MerkleFrontier,
  consistencyProof,
  inclusionProof,
  rootOfLeaves,
  rootOfTree,
  subtreeRoots,
  verifyConsistency,
  verifyInclusion,
} from './merkle-tree.js';
import type { NodeReader } from './merkle-tree.js';

const sha256 = (...parts: (Buffer | string)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** Leaf hashes of the eight inputs that the tests of Certificate Transparency logs use. */
const publicInputs = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const publicLeaves = publicInputs.map((hex) => sha256(Buffer.of(0), Buffer.from(hex, 'hex')));

const leaves = Array.from({ length: 150 }, (_, index) => sha256(Buffer.of(0), String(index)));

// The recursive definitions of RFC 6962, section 2.1, word for word.
const split = (length: number): number => 2 ** Math.ceil(Math.log2(length) - 1);

function treeHash(list: readonly Buffer[]): Buffer {
  if (list.length === 0) return sha256();
  if (list.length === 1) return list[0] ?? sha256();
  const k = split(list.length);
  return sha256(Buffer.of(1), treeHash(list.slice(0, k)), treeHash(list.slice(k)));
}

function path(m: number, list: readonly Buffer[]): Buffer[] {
  if (list.length === 1) return [];
  const k = split(list.length);
  return m < k
    ? [...path(m, list.slice(0, k)), treeHash(list.slice(k))]
    : [...path(m - k, list.slice(k)), treeHash(list.slice(0, k))];
}

function subProof(m: number, list: readonly Buffer[], isWhole: boolean): Buffer[] {
  if (m === list.length) return isWhole ? [] : [treeHash(list)];
  const k = split(list.length);
  return m <= k
    ? [...subProof(m, list.slice(0, k), isWhole), treeHash(list.slice(k))]
    : [...subProof(m - k, list.slice(k), false), treeHash(list.slice(0, k))];
}

const nodes: NodeReader = async (level, index) => treeHash(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));

const size = fc.integer({ min: 1, max: leaves.length });
const sizes = fc.tuple(size, size).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

describe('the Merkle tree of RFC 6962', () => {
  it('has the published roots', () => {
    expect(rootOfLeaves([]).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(rootOfLeaves(publicLeaves.slice(0, 1)).toString('hex')).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
    expect(rootOfLeaves(publicLeaves).toString('hex')).toBe(
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    );
  });

  it('grows to the root of the recursive definition at every size', async () => {
    const frontier = new MerkleFrontier();
    for (const [index, leaf] of leaves.entries()) {
      expect(frontier.root()).toEqual(treeHash(leaves.slice(0, index)));
      frontier.append(leaf);
      expect(await rootOfTree(nodes, index + 1)).toEqual(frontier.root());
    }
  });

  it('grows on from the perfect subtrees of any size, and only from as many as that size has', async () => {
    const property = fc.asyncProperty(sizes, async ([first, second]) => {
      const subtrees = await subtreeRoots(nodes, 0, first);
      const frontier = new MerkleFrontier(first, subtrees);
      for (const leaf of leaves.slice(first, second)) frontier.append(leaf);
      expect(frontier.root()).toEqual(treeHash(leaves.slice(0, second)));
      expect(() => new MerkleFrontier(first, [...subtrees, sha256()])).toThrow(RangeError);
    });
    await fc.assert(property);
  });

  it('proves inclusion as the recursive definition does, and nothing else passes', async () => {
    const property = fc.asyncProperty(sizes, size, async ([first, second], other) => {
      const index = first - 1;
      const proof = await inclusionProof(nodes, index, second);
      expect(proof).toEqual(path(index, leaves.slice(0, second)));
      const claim = { leaf: leaves[index] ?? sha256(), index, size: second, root: treeHash(leaves.slice(0, second)) };
      expect(verifyInclusion(claim, proof)).toBe(true);
      expect(verifyInclusion({ ...claim, leaf: sha256('other') }, proof)).toBe(false);
      expect(verifyInclusion({ ...claim, root: sha256('other') }, proof)).toBe(false);
      expect(verifyInclusion({ ...claim, index: other - 1 }, proof)).toBe(other - 1 === index);
      expect(verifyInclusion(claim, [...proof, sha256()])).toBe(false);
      expect(verifyInclusion(claim, proof.slice(1))).toBe(proof.length === 0);
    });
    await fc.assert(property);
    await expect(inclusionProof(nodes, 3, 3)).rejects.toThrow(RangeError);
  });

  it('proves consistency as the recursive definition does, and nothing else passes', async () => {
    const property = fc.asyncProperty(sizes, async ([first, second]) => {
      const proof = await consistencyProof(nodes, first, second);
      expect(proof).toEqual(subProof(first, leaves.slice(0, second), true));
      const [firstRoot, secondRoot] = [treeHash(leaves.slice(0, first)), treeHash(leaves.slice(0, second))];
      const claim = { first, second, firstRoot, secondRoot };
      expect(verifyConsistency(claim, proof)).toBe(true);
      expect(verifyConsistency({ ...claim, firstRoot: sha256('other') }, proof)).toBe(false);
      expect(verifyConsistency({ ...claim, secondRoot: sha256('other') }, proof)).toBe(false);
      expect(verifyConsistency(claim, [...proof, sha256()])).toBe(false);
      expect(verifyConsistency(claim, proof.slice(1))).toBe(proof.length === 0);
    });
    await fc.assert(property);
    await expect(consistencyProof(nodes, 4, 3)).rejects.toThrow(RangeError);
  });
});
