import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { leafHash } from './leaf-hash.js';
import { MerkleFrontier } from './merkle-tree.js';
import { RowAlignment } from './row-alignment.js';
import type { Finding, RowMark } from './row-alignment.js';
import { keyIdOf, sealHash, verifySeal } from './seal.js';
import type { Seal } from './seal.js';
import { frontierOf, trailRecords } from './trail.js';
import type { StoredEvent, TrailExtent, TrailKey, TrailRecord, TrailSource } from './trail.js';

/** What somebody kept elsewhere of the trail's state at some time; a seal is one. */
export type TrailHead = Pick<Seal, 'organizationId' | 'treeSize' | 'root'>;

/** What verification found. */
export interface TrailReport {
  readonly ok: boolean;
  /** First leaf of the trail, 0 unless it is a range. */
  readonly from: number;
  /** Leaves of the tree after the last leaf hash seen. */
  readonly treeSize: number;
  /** Root over them, hex. */
  readonly root: string;
  /** Rows seen. */
  readonly events: number;
  /** Rows after the last seal: nothing vouches for them yet. */
  readonly unsealed: number;
  /** Ids of the keys whose signatures held. Whoever has no head must compare them with the ids he trusts. */
  readonly keyIds: readonly string[];
  /** All faults found; `findings` holds the first 1,000 of them. */
  readonly faults: number;
  readonly findings: readonly Finding[];
}

const FINDING_LIMIT = 1_000;

/** Leaves that wait for a seal with a valid signature; beyond this any seal ends the segment, to bound memory. */
const SEGMENT_LIMIT = 262_144;

/** Verifies a trail as it stands in its store. Memory is bounded by what lies between two seals. */
export const verifyTrail = (source: TrailSource & { readonly head?: TrailHead }): Promise<TrailReport> =>
  verifyRecords(trailRecords(source), source.head);

/** Verifies a trail given as records, as an export holds them; against a head kept elsewhere, if there is one. */
export async function verifyRecords(records: AsyncIterable<TrailRecord>, head?: TrailHead): Promise<TrailReport> {
  const verifier = new TrailVerifier(head);
  for await (const record of records) verifier.add(record);
  return verifier.finish();
}

class TrailVerifier {
  readonly #findings: Finding[] = [];
  #faults = 0;
  readonly #alignment = new RowAlignment((finding) => this.#report(finding));
  readonly #keys = new Map<string, KeyObject>();
  readonly #keysThatHeld = new Set<string>();
  readonly #keysMissed = new Set<string>();
  #extent: TrailExtent = { organizationId: '', from: 0, treeSize: 0 };
  #frontier = new MerkleFrontier();
  /** Index that the next leaf hash should have; it runs ahead of the frontier once some are missing. */
  #nextLeaf = 0;
  #headRoot: string | undefined;
  #previousSeal: Seal | undefined;
  #isRootWrong = false;
  #leaves: string[] = [];
  #rows: RowMark[] = [];
  #events = 0;
  #unsealed = 0;

  constructor(private readonly head: TrailHead | undefined) {}

  add(record: TrailRecord): void {
    switch (record.kind) {
      case 'header':
        this.#extent = record;
        return this.#noteHeadRoot();
      case 'key':
        return this.#addKey(record);
      case 'frontier':
        this.#frontier = frontierOf(record);
        this.#nextLeaf = record.treeSize;
        return this.#noteHeadRoot();
      case 'leaves':
        return this.#addLeaves(record);
      case 'event':
        return this.#addEvent(record);
      case 'seal':
        return this.#addSeal(record);
    }
  }

  finish(): TrailReport {
    this.#closeSegment();
    this.#alignment.finish();
    this.#checkEnd();
    this.#checkHead();
    return {
      ok: this.#faults === 0,
      from: this.#extent.from,
      treeSize: this.#frontier.size,
      root: this.#frontier.root().toString('hex'),
      events: this.#events,
      unsealed: this.#unsealed,
      keyIds: [...this.#keysThatHeld],
      faults: this.#faults,
      findings: this.#findings,
    };
  }

  #report(finding: Finding): void {
    this.#faults += 1;
    if (this.#findings.length < FINDING_LIMIT) this.#findings.push(finding);
  }

  /** The id is made from the key, whatever the trail calls it. */
  #addKey({ publicKey }: TrailKey): void {
    const key = parsePublicKey(publicKey);
    if (key) this.#keys.set(keyIdOf(key), key);
  }

  #addLeaves({ from, hashes }: { from: number; hashes: readonly string[] }): void {
    if (from !== this.#nextLeaf) this.#reportMissingLeaves(from);
    this.#nextLeaf = from + hashes.length;
    for (const hash of hashes) {
      this.#frontier.append(Buffer.from(hash, 'hex'));
      this.#leaves.push(hash);
      this.#noteHeadRoot();
    }
  }

  #addEvent(event: StoredEvent): void {
    this.#events += 1;
    const row = { eventId: event.id, computed: leafHash(event).toString('hex'), stored: event.leafHash };
    if ((this.#previousSeal?.treeSize ?? 0) < this.#extent.treeSize) this.#rows.push(row);
    else this.#addUnsealed(row);
  }

  #addUnsealed(row: RowMark): void {
    this.#unsealed += 1;
    this.#alignment.addUnsealed(row, this.#extent.treeSize);
  }

  #addSeal(seal: Seal): void {
    const isGenuine = this.#isSigned(seal);
    this.#checkChain(seal);
    if (seal.treeSize > this.#nextLeaf) this.#reportMissingLeaves(seal.treeSize);
    this.#nextLeaf = Math.max(this.#nextLeaf, seal.treeSize);
    this.#checkRoot(seal);
    // A forged seal may misplace the boundary, and every row near it would look moved.
    if (isGenuine || this.#leaves.length > SEGMENT_LIMIT || seal.treeSize >= this.#extent.treeSize)
      this.#closeSegment();
    this.#previousSeal = seal;
  }

  #closeSegment(): void {
    const start = Math.max(0, this.#nextLeaf - this.#leaves.length);
    this.#alignment.add({ start, leaves: this.#leaves, rows: this.#rows });
    this.#leaves = [];
    this.#rows = [];
  }

  #isSigned(seal: Seal): boolean {
    const key = this.#keys.get(seal.keyId);
    if (key && verifySeal(seal, key)) {
      this.#keysThatHeld.add(seal.keyId);
      return true;
    }
    if (key) this.#report({ kind: 'seal-signature', message: `${nameOf(seal)} is not signed by key ${seal.keyId}.` });
    else if (!this.#keysMissed.has(seal.keyId)) {
      this.#keysMissed.add(seal.keyId);
      this.#report({ kind: 'seal-signature', message: `${nameOf(seal)} names key ${seal.keyId}, which is not given.` });
    }
    return false;
  }

  #checkChain(seal: Seal): void {
    const previous = this.#previousSeal;
    const expected = previous ? sealHash(previous) : null;
    const isBase = !previous && this.#extent.from > 0;
    if (!isBase && seal.previousSealHash !== expected) {
      this.#report({
        kind: 'seal-chain',
        message: `${nameOf(seal)} does not follow the seal before it in this trail.`,
      });
    }
    if (seal.treeSize <= (previous?.treeSize ?? 0) || seal.organizationId !== this.#extent.organizationId) {
      this.#report({ kind: 'seal-chain', message: `${nameOf(seal)} is out of order or of another organization.` });
    }
  }

  /** After one wrong root the next ones are wrong for the same reason, until one is right again. */
  #checkRoot(seal: Seal): void {
    const isWrong = this.#frontier.size !== seal.treeSize || this.#frontier.root().toString('hex') !== seal.root;
    if (isWrong && !this.#isRootWrong) {
      const first = this.#previousSeal?.treeSize ?? this.#extent.from;
      const message = `${nameOf(seal)} states another root than leaves 0 to ${seal.treeSize - 1} have; the seal or leaves from ${first} on were changed.`;
      this.#report({ kind: 'seal-root', index: first, message });
    }
    this.#isRootWrong = isWrong;
  }

  #reportMissingLeaves(end: number): void {
    const begin = this.#nextLeaf;
    const message = `Leaf hashes ${begin} to ${end - 1} are missing or out of order; nothing vouches for their rows.`;
    this.#report({ kind: 'leaves-missing', index: begin, message });
  }

  #checkEnd(): void {
    const { treeSize } = this.#extent;
    const sealed = this.#previousSeal?.treeSize ?? 0;
    if (sealed === treeSize && this.#frontier.size <= treeSize) return;
    const message = `The trail is said to be sealed up to ${treeSize} leaves; it has ${this.#frontier.size}, sealed up to ${sealed}.`;
    this.#report({ kind: 'tail-cut', index: sealed, message });
  }

  #noteHeadRoot(): void {
    if (this.head?.treeSize === this.#frontier.size) this.#headRoot = this.#frontier.root().toString('hex');
  }

  #checkHead(): void {
    const { head } = this;
    if (!head || (head.root === this.#headRoot && head.organizationId === this.#extent.organizationId)) return;
    if (head.treeSize > this.#nextLeaf) {
      const message = `The head kept elsewhere has ${head.treeSize} leaves, the trail ends at ${this.#nextLeaf}.`;
      return this.#report({ kind: 'tail-cut', index: this.#nextLeaf, message });
    }
    const message = `The head kept elsewhere, of ${head.treeSize} leaves, is not a state of this trail.`;
    this.#report({ kind: 'head-mismatch', message });
  }
}

function parsePublicKey(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

const nameOf = (seal: Seal): string => `The seal over ${seal.treeSize} leaves`;
