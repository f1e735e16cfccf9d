import { malformed } from './domain-error.js';

/** Position in a list: either a page number or a cursor that an earlier answer gave. */
export interface PageRequest {
  readonly page?: number;
  readonly limit: number;
  readonly cursor?: string;
}

/** A part of a list. `total` is counted for numbered pages only; `nextCursor` is there while more may follow. */
export class Page<T> {
  constructor(
    readonly items: readonly T[],
    readonly pagination: {
      readonly limit: number;
      readonly total?: number;
      readonly page?: number;
      readonly pages?: number;
      readonly nextCursor?: string;
    },
  ) {}

  static numbered<T>(items: readonly T[], total: number, request: PageRequest, nextCursor?: string): Page<T> {
    const { limit, page = 1 } = request;
    return new Page(items, { total, page, limit, pages: Math.ceil(total / limit), nextCursor });
  }
}

/** Packs the sort key of a list's last row into a text that is safe in a URL. */
export const encodeCursor = (key: readonly (string | number | null)[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url');

/** Reads a cursor of `length` parts. @throws malformed `bad-cursor` when it is not one of ours. */
export function decodeCursor(cursor: string, length: number): (string | number | null)[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(key) && key.length === length && key.every(isCursorPart)) {
      return key as (string | number | null)[];
    }
  } catch {
    // Answered below, together with a cursor of the wrong shape.
  }
  throw malformed('bad-cursor', 'The cursor is not one that this list gave; start again without it.', {
    parameter: 'cursor',
  });
}

const isCursorPart = (part: unknown): boolean =>
  part === null || typeof part === 'string' || (typeof part === 'number' && Number.isFinite(part));

/** What a list's query takes from its request. */
export interface ListWindow {
  /** Rows to read: one more than the page holds, to know whether more follow. */
  readonly take: number;
  readonly skip: number;
  /** The sort key to go on behind; nulls at the beginning. */
  readonly after: readonly (string | number | null)[];
}

/** Where in a list to read; `keyLength` is the number of parts of its sort key. @throws malformed `bad-cursor` */
export function listWindow({ page = 1, limit, cursor }: PageRequest, keyLength: number): ListWindow {
  if (cursor !== undefined) return { take: limit + 1, skip: 0, after: decodeCursor(cursor, keyLength) };
  return { take: limit + 1, skip: (page - 1) * limit, after: Array<null>(keyLength).fill(null) };
}

/** Makes a page of what was read through a window. `keyOf` gives the sort key of an item. */
export function pageOf<T>(
  read: readonly T[],
  request: PageRequest,
  total: number,
  keyOf: (item: T) => readonly (string | number | null)[],
): Page<T> {
  const { limit, cursor } = request;
  const items = read.slice(0, limit);
  const last = items.at(-1);
  const nextCursor = read.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : undefined;
  return cursor === undefined
    ? Page.numbered(items, total, request, nextCursor)
    : new Page(items, { limit, nextCursor });
}
