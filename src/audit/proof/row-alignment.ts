import { longestAscent } from './longest-ascent.js';

/** A fault in a trail. `index` is the leaf it concerns, `eventId` the row. */
export interface Finding {
  readonly kind:
    | 'row-changed'
    | 'row-deleted'
    | 'row-inserted'
    | 'row-moved'
    | 'rows-swapped'
    | 'leaves-missing'
    | 'seal-signature'
    | 'seal-chain'
    | 'seal-root'
    | 'tail-cut'
    | 'head-mismatch';
  readonly index?: number;
  readonly eventId?: string;
  readonly message: string;
}

/** What alignment needs of a row: hex hashes, computed from its content and as stored beside it. */
export interface RowMark {
  readonly eventId: string;
  readonly computed: string;
  readonly stored: string;
}

/** The rows and the leaf hashes that one seal covers, both in their order; `start` is the index of the first leaf. */
export interface Segment {
  readonly start: number;
  readonly leaves: readonly string[];
  readonly rows: readonly RowMark[];
}

/** A place between two rows that stand where they should: the index of the leaf after the last such row. */
type Gap = number;

interface StrayRow {
  readonly row: RowMark;
  readonly gap: Gap;
}

interface StrayLeaf {
  readonly hash: string;
  readonly index: number;
  readonly gap: Gap;
  readonly after: string | undefined;
}

interface Move {
  readonly row: StrayRow;
  readonly leaf: StrayLeaf;
}

/** Rows and leaves that wait for their counterpart; beyond this they are judged without the rest of the trail. */
const STRAY_LIMIT = 20_000;

/**
 * Names what happened to rows by comparing them with the leaf hashes kept apart from them. A row stands right when
 * its hash is that of a leaf and the order is kept; rows and leaves left over are paired when all segments are seen:
 * first by hash (moved, or two swapped), then by place (changed). What remains was inserted or deleted.
 */
export class RowAlignment {
  #strayRows: StrayRow[] = [];
  #strayLeaves = new Map<string, StrayLeaf>();
  #lastEventId: string | undefined;

  constructor(private readonly report: (finding: Finding) => void) {}

  /** Compares one segment. Costs nothing but the comparison while nothing is wrong. */
  add(segment: Segment): void {
    if (isIntact(segment)) this.#lastEventId = segment.rows.at(-1)?.eventId ?? this.#lastEventId;
    else this.#align(segment);
    if (this.#strayRows.length + this.#strayLeaves.size > STRAY_LIMIT) this.finish();
  }

  /** A row that no seal covers yet: right by itself, unless its leaf was found without its row. */
  addUnsealed(row: RowMark, treeSize: number): void {
    if (this.#strayLeaves.has(row.computed)) this.#strayRows.push({ row, gap: treeSize });
    else if (row.computed !== row.stored) this.report(changed(row));
  }

  /** Pairs what is left over and reports it. */
  finish(): void {
    const moves: Move[] = [];
    const unknown: StrayRow[] = [];
    for (const row of this.#strayRows) {
      const leaf = this.#strayLeaves.get(row.row.computed) ?? this.#strayLeaves.get(row.row.stored);
      if (leaf) moves.push({ row, leaf });
      else unknown.push(row);
      if (leaf) this.#strayLeaves.delete(leaf.hash);
      if (leaf && !matches(row.row, leaf.hash)) this.report(changed(row.row, leaf.index));
    }
    this.#reportMoves(moves);
    this.#reportUnknown(unknown);
    for (const leaf of this.#strayLeaves.values()) this.report(deleted(leaf));
    this.#strayRows = [];
    this.#strayLeaves.clear();
  }

  #align(segment: Segment): void {
    const claimed = claimLeaves(segment);
    const standing = inOrder(claimed);
    let next = 0;
    for (const [at, row] of segment.rows.entries()) {
      const index = standing.has(at) ? claimed[at] : undefined;
      if (index === undefined) {
        this.#strayRows.push({ row, gap: segment.start + next });
        continue;
      }
      this.#strayLeavesBetween(segment, next, index);
      if (!matches(row, segment.leaves[index])) this.report(changed(row, segment.start + index));
      this.#lastEventId = row.eventId;
      next = index + 1;
    }
    this.#strayLeavesBetween(segment, next, segment.leaves.length);
  }

  #strayLeavesBetween(segment: Segment, begin: number, end: number): void {
    for (const [offset, hash] of segment.leaves.slice(begin, end).entries()) {
      const gap = segment.start + begin;
      this.#strayLeaves.set(hash, { hash, gap, index: gap + offset, after: this.#lastEventId });
    }
  }

  #reportMoves(moves: readonly Move[]): void {
    const waiting = new Map<string, Move>();
    for (const move of moves) {
      const partner = waiting.get(`${move.leaf.gap}>${move.row.gap}`);
      if (partner) {
        waiting.delete(`${partner.row.gap}>${partner.leaf.gap}`);
        for (const [one, other] of [[partner, move] as const, [move, partner] as const])
          this.report(swapped(one, other));
      } else waiting.set(`${move.row.gap}>${move.leaf.gap}`, move);
    }
    for (const move of waiting.values()) this.report(moved(move));
  }

  #reportUnknown(rows: readonly StrayRow[]): void {
    const leavesByGap = Map.groupBy(this.#strayLeaves.values(), ({ gap }) => gap);
    for (const { row, gap } of rows) {
      const leaf = leavesByGap.get(gap)?.shift();
      this.report(leaf ? changed(row, leaf.index) : inserted(row, gap));
      if (leaf) this.#strayLeaves.delete(leaf.hash);
    }
  }
}

const matches = (row: RowMark, leaf: string | undefined): boolean => row.computed === leaf && row.stored === leaf;

const isIntact = ({ leaves, rows }: Segment): boolean =>
  rows.length === leaves.length && rows.every((row, at) => matches(row, leaves[at]));

/** For each row the index of its leaf in the segment, by content before stored hash; each leaf belongs to one row. */
function claimLeaves({ leaves, rows }: Segment): (number | undefined)[] {
  const free = new Map(leaves.map((hash, index) => [hash, index]));
  return rows.map(({ computed, stored }) => {
    const hash = free.has(computed) ? computed : stored;
    const index = free.get(hash);
    free.delete(hash);
    return index;
  });
}

/** Which rows stand in order: the longest ascending run of leaves, after two exchanged neighbours are both left out. */
function inOrder(claimed: readonly (number | undefined)[]): Set<number> {
  const rows = [...claimed.keys()].filter((at) => claimed[at] !== undefined);
  const leafOf = (at: number | undefined): number => (at === undefined ? undefined : claimed[at]) ?? Number.NaN;
  const candidates: number[] = [];
  for (let at = 0; at < rows.length; at += 1) {
    if (leafOf(rows[at]) === leafOf(rows[at + 1]) + 1) at += 1;
    else candidates.push(rows[at] ?? -1);
  }
  return new Set(longestAscent(candidates.map(leafOf)).map((at) => candidates[at] ?? -1));
}

const changed = (row: RowMark, index?: number): Finding => ({
  kind: 'row-changed',
  ...(index === undefined ? {} : { index }),
  eventId: row.eventId,
  message:
    row.computed === row.stored
      ? 'The row does not hash to the leaf recorded for it: the row and its leaf hash were changed together.'
      : 'The row and the leaf hash stored beside it do not agree: one of them was changed.',
});

const inserted = (row: RowMark, gap: Gap): Finding => ({
  kind: 'row-inserted',
  eventId: row.eventId,
  message: `No leaf belongs to this row; it was inserted before the row of leaf ${gap}.`,
});

const deleted = ({ index, hash, after }: StrayLeaf): Finding => ({
  kind: 'row-deleted',
  index,
  message: `The row with leaf hash ${hash} is gone; ${after ? `it stood after event ${after}` : 'no intact row stands before it'}.`,
});

const moved = ({ row, leaf }: Move): Finding => ({
  kind: 'row-moved',
  index: leaf.index,
  eventId: row.row.eventId,
  message: `The row was moved: it now stands before the row of leaf ${row.gap}.`,
});

const swapped = ({ row, leaf }: Move, other: Move): Finding => ({
  kind: 'rows-swapped',
  index: leaf.index,
  eventId: row.row.eventId,
  message: `The row changed places with event ${other.row.row.eventId} of leaf ${other.leaf.index}.`,
});
