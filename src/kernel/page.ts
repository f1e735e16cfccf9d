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
