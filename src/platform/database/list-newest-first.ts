import { listWindow, type Page, pageOf, type PageRequest } from '../../kernel/page.js';
import type { Sql } from './sql.js';

/** A statement in parts, whose rows have `id`. */
export interface Listing {
  readonly select: string;
  readonly from: string;
  /** Uses `$1` and so on for `values`. */
  readonly where: string;
  readonly values: readonly unknown[];
  /**
   * The columns that tell the age of a row, and break ties, when its id does not: rows then have `createdAt` too.
   * Absent: by `id`, a UUID v7, whose order is that of time.
   */
  readonly order?: readonly [createdAt: string, id: string];
}

interface Listed extends Record<string, unknown> {
  readonly id: string;
  readonly createdAt: Date;
}

/** One page of a list of one organization, newest first. */
export async function listNewestFirst<T extends { readonly id: string }>(
  sql: Sql,
  organizationId: string,
  listing: Listing,
  request: PageRequest,
): Promise<Page<T>> {
  const { select, from, where, values, order } = listing;
  const columns = order ?? ['id'];
  const types = order ? ['timestamptz', 'uuid'] : ['uuid'];
  const { take, skip, after } = listWindow(request, columns.length);
  const cursor = types.map((type, i) => `$${values.length + 1 + i}::${type}`);
  const rows = await sql.read<T & Listed>(
    organizationId,
    `select ${select} from ${from}
     where ${where} and (${cursor[0]} is null or (${columns.join(', ')}) < (${cursor.join(', ')}))
     order by ${columns.map((column) => `${column} desc`).join(', ')} limit ${take} offset ${skip}`,
    [...values, ...after],
  );
  const total = request.cursor === undefined ? await count(sql, organizationId, listing) : 0;
  return pageOf<T & Listed>(rows, request, total, ({ id, createdAt }) =>
    order ? [createdAt.toISOString(), id] : [id],
  );
}

async function count(sql: Sql, organizationId: string, { from, where, values }: Listing): Promise<number> {
  const statement = `select count(*)::int as total from ${from} where ${where}`;
  const [row] = await sql.read<{ total: number }>(organizationId, statement, values);
  return row!.total;
}
