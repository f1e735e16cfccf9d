import { listWindow, type Page, pageOf, type PageRequest } from '../kernel/page.js';
import type { Sql } from '../platform/database/sql.js';

/** A statement in parts, whose rows have `id` and `createdAt`. */
export interface Listing {
  readonly select: string;
  readonly from: string;
  readonly where: string;
  /** The columns that order the rows. */
  readonly order: readonly [createdAt: string, id: string];
  /** Its parameters. */
  readonly values: readonly unknown[];
}

interface Listed extends Record<string, unknown> {
  readonly id: string;
  readonly createdAt: Date;
}

/** One page of a list of one organization, newest first. */
export async function listByAge<T extends Listed>(
  sql: Sql,
  organizationId: string,
  { select, from, where, order, values }: Listing,
  request: PageRequest,
): Promise<Page<T>> {
  const { take, skip, after } = listWindow(request, 2);
  const [createdAt, id] = [`$${values.length + 1}::timestamptz`, `$${values.length + 2}::uuid`];
  const rows = await sql.read<T>(
    organizationId,
    `select ${select} from ${from} where ${where} and (${createdAt} is null or (${order.join(', ')}) < (${createdAt}, ${id}))
     order by ${order[0]} desc, ${order[1]} desc limit ${take} offset ${skip}`,
    [...values, ...after],
  );
  const total = request.cursor === undefined ? await count(sql, organizationId, { from, where, values }) : 0;
  return pageOf(rows, request, total, (row) => [row.createdAt.toISOString(), row.id]);
}

async function count(
  sql: Sql,
  organizationId: string,
  { from, where, values }: Pick<Listing, 'from' | 'where' | 'values'>,
): Promise<number> {
  const statement = `select count(*)::int as total from ${from} where ${where}`;
  const [row] = await sql.read<{ total: number }>(organizationId, statement, values);
  return row!.total;
}
