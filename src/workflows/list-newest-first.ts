import { listWindow, type Page, pageOf, type PageRequest } from '../kernel/page.js';
import type { Sql } from '../platform/database/sql.js';

/** A statement in parts, whose rows have `id`. `where` uses `$1` and so on for `values`. */
export interface Listing {
  readonly select: string;
  readonly from: string;
  readonly where: string;
  readonly values: readonly unknown[];
}

/** One page of a list of one organization, newest first: ids are UUIDs v7, so their order is that of time. */
export async function listNewestFirst<T extends { readonly id: string }>(
  sql: Sql,
  organizationId: string,
  { select, from, where, values }: Listing,
  request: PageRequest,
): Promise<Page<T>> {
  const { take, skip, after } = listWindow(request, 1);
  const cursor = `$${values.length + 1}::uuid`;
  const rows = await sql.read<T & Record<string, unknown>>(
    organizationId,
    `select ${select} from ${from} where ${where} and (${cursor} is null or id < ${cursor})
     order by id desc limit ${take} offset ${skip}`,
    [...values, ...after],
  );
  if (request.cursor !== undefined) return pageOf<T>(rows, request, 0, ({ id }) => [id]);
  const [row] = await sql.read<{ total: number }>(
    organizationId,
    `select count(*)::int as total from ${from} where ${where}`,
    values,
  );
  return pageOf<T>(rows, request, row!.total, ({ id }) => [id]);
}
