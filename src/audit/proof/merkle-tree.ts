import { hash } from 'node:crypto';

/** Length of every hash in the tree. */
export const HASH_BYTES = 32;

/** Root of the tree without leaves (RFC 6962, 2.1): the SHA-256 of nothing. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

/** Gives the root of the perfect subtree of 2^level leaves that starts at leaf `index · 2^level`. */
export type NodeReader = (level: number, index: number) => Promise<Buffer>;

const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** Hash of an inner node (RFC 6962, 2.1): SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  left.copy(nodeInput, 1);
  right.copy(nodeInput, 1 + HASH_BYTES);
  return hash('sha256', nodeInput, 'buffer');
}

/** Joins the roots of perfect subtrees of falling size, left to right; none gives the empty root. */
export const joinSubtrees = (roots: readonly Buffer[]): Buffer =>
  roots.length === 0 ? EMPTY_ROOT : roots.reduceRight((right, left) => nodeHash(left, right));

/** A growing tree that remembers only its perfect subtrees: log2(size) hashes, whatever the size. */
export class MerkleFrontier {
  readonly #subtrees: Buffer[];
  #size: number;

  /**
   * @param subtrees roots of the perfect subtrees of a tree of `size` leaves, the largest first.
   * @throws RangeError when their number does not fit the size.
   */
  constructor(size = 0, subtrees: readonly Buffer[] = []) {
    const expected = size.toString(2).replaceAll('0', '').length;
    if (subtrees.length !== expected)
      throw new RangeError(`A tree of ${size} leaves has ${expected} perfect subtrees.`);
    this.#size = size;
    this.#subtrees = [...subtrees];
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Buffer): void {
    this.#subtrees.push(leaf);
    this.#size += 1;
    for (let size = this.#size; size % 2 === 0; size /= 2) {
      this.#subtrees.push(joinSubtrees(this.#subtrees.splice(-2)));
    }
  }

  root(): Buffer {
    return joinSubtrees(this.#subtrees);
  }
}

/** Root of a tree over leaf hashes (RFC 6962, 2.1). */
export function rootOfLeaves(leaves: Iterable<Buffer>): Buffer {
  const frontier = new MerkleFrontier();
  for (const leaf of leaves) frontier.append(leaf);
  return frontier.root();
}

/** Roots of the perfect subtrees that make up the leaves `begin` ≤ i < `end`, left to right. */
export async function subtreeRoots(read: NodeReader, begin: number, end: number): Promise<Buffer[]> {
  const roots: Buffer[] = [];
  for (let at = begin; at < end;) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level += 1;
    roots.push(await read(level, at / 2 ** level));
    at += 2 ** level;
  }
  return roots;
}

/** Root of the tree over the first `size` leaves. */
export const rootOfTree = async (read: NodeReader, size: number): Promise<Buffer> =>
  joinSubtrees(await subtreeRoots(read, 0, size));

/**
 * Audit path of a leaf in the tree of `size` leaves (RFC 6962, 2.1.1), the deepest node first.
 * @throws RangeError unless 0 ≤ index < size.
 */
export async function inclusionProof(read: NodeReader, index: number, size: number): Promise<Buffer[]> {
  if (!(index >= 0 && index < size)) throw new RangeError(`Leaf ${index} is not in a tree of ${size} leaves.`);
  const siblings: Range[] = [];
  let range: Range = [0, size];
  while (range[1] - range[0] > 1) {
    const [left, right] = halves(range);
    siblings.unshift(index < left[1] ? right : left);
    range = index < left[1] ? left : right;
  }
  return hashRanges(read, siblings);
}

/**
 * Proof that the tree of `second` leaves continues the one of `first` (RFC 6962, 2.1.2).
 * @throws RangeError unless 0 < first ≤ second.
 */
export async function consistencyProof(read: NodeReader, first: number, second: number): Promise<Buffer[]> {
  if (!(first > 0 && first <= second)) throw new RangeError(`A tree of ${second} leaves does not continue ${first}.`);
  const needed: Range[] = [];
  let range: Range = [0, second];
  while (range[1] !== first) {
    const [left, right] = halves(range);
    needed.unshift(first <= left[1] ? right : left);
    range = first <= left[1] ? left : right;
  }
  // The verifier knows the old root, which is this very node when it starts at the first leaf.
  if (range[0] > 0) needed.unshift(range);
  return hashRanges(read, needed);
}

type Range = readonly [begin: number, end: number];

function halves([begin, end]: Range): [Range, Range] {
  let width = 1;
  while (width * 2 < end - begin) width *= 2;
  return [
    [begin, begin + width],
    [begin + width, end],
  ];
}

async function hashRanges(read: NodeReader, ranges: readonly Range[]): Promise<Buffer[]> {
  const hashes: Buffer[] = [];
  for (const [begin, end] of ranges) hashes.push(joinSubtrees(await subtreeRoots(read, begin, end)));
  return hashes;
}

/** What an inclusion proof claims: the leaf stands at `index` of the tree of `size` leaves with this root. */
export interface InclusionClaim {
  readonly leaf: Buffer;
  readonly index: number;
  readonly size: number;
  readonly root: Buffer;
}

/** Whether the audit path proves the claim (RFC 9162, 2.1.3.2). */
export function verifyInclusion(claim: InclusionClaim, proof: readonly Buffer[]): boolean {
  if (!(claim.index >= 0 && claim.index < claim.size)) return false;
  const walk = new ProofWalk(claim.index, claim.size - 1);
  let root = claim.leaf;
  for (const sibling of proof) {
    if (walk.isAtRoot()) return false;
    root = walk.isRightChild() ? nodeHash(sibling, root) : nodeHash(root, sibling);
    walk.up();
  }
  return walk.isAtRoot() && root.equals(claim.root);
}

/** What a consistency proof claims: the tree of `second` leaves begins with the `first` leaves of the older one. */
export interface ConsistencyClaim {
  readonly first: number;
  readonly second: number;
  readonly firstRoot: Buffer;
  readonly secondRoot: Buffer;
}

/** Whether the proof proves the claim (RFC 9162, 2.1.4.2). */
export function verifyConsistency(claim: ConsistencyClaim, proof: readonly Buffer[]): boolean {
  const { first, second, firstRoot, secondRoot } = claim;
  if (!(first > 0 && first <= second)) return false;
  if (first === second) return proof.length === 0 && firstRoot.equals(secondRoot);
  const walk = new ProofWalk(first - 1, second - 1);
  while (walk.isOdd()) walk.up();
  const isOldTreePerfect = 2 ** Math.floor(Math.log2(first)) === first;
  const roots = replayProof(walk, isOldTreePerfect ? [firstRoot, ...proof] : proof);
  return roots !== undefined && roots[0].equals(firstRoot) && roots[1].equals(secondRoot);
}

/** The roots of the old and the new tree that a consistency path leads to; none when its length is wrong. */
function replayProof(walk: ProofWalk, [start, ...path]: readonly Buffer[]): [old: Buffer, new: Buffer] | undefined {
  if (!start) return undefined;
  let [oldRoot, newRoot] = [start, start];
  for (const node of path) {
    if (walk.isAtRoot()) return undefined;
    if (walk.isRightChild()) oldRoot = nodeHash(node, oldRoot);
    newRoot = walk.isRightChild() ? nodeHash(node, newRoot) : nodeHash(newRoot, node);
    walk.up();
  }
  return walk.isAtRoot() ? [oldRoot, newRoot] : undefined;
}

/** The way from a leaf to the root, a level at a time; the numbers `fn` and `sn` of RFC 9162. */
class ProofWalk {
  #node: number;
  #last: number;

  constructor(node: number, last: number) {
    this.#node = node;
    this.#last = last;
  }

  isAtRoot(): boolean {
    return this.#last === 0;
  }

  isOdd(): boolean {
    return this.#node % 2 === 1;
  }

  isRightChild(): boolean {
    return this.isOdd() || this.#node === this.#last;
  }

  up(): void {
    // The last node of a level without a sibling is handed up unchanged until it is a right child.
    if (this.#node === this.#last) while (this.#node % 2 === 0 && this.#node > 0) this.#shift();
    this.#shift();
  }

  #shift(): void {
    this.#node = Math.floor(this.#node / 2);
    this.#last = Math.floor(this.#last / 2);
  }
}
