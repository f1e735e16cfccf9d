import type { EntityManager } from '@mikro-orm/postgresql';
import type { Sql } from '../../platform/database/sql.js';
import type { ImportRow } from './import-row.js';

/** Rows of a chunk, which is taken in by one transaction. */
const CHUNK_ROWS = 500;
/** Size of a chunk in characters of JSON, from which on it takes no more rows. */
const CHUNK_LENGTH = 4 * 1024 * 1024;

interface Place {
  readonly organizationId: string;
  readonly importId: string;
}

/** Stores the rows of an upload in chunks, holding no more than one in memory. @returns the number of rows */
export async function storeUpload(sql: Sql, place: Place, rows: AsyncIterable<ImportRow>): Promise<number> {
  let [total, number, length] = [0, 0, 0];
  let texts: string[] = [];
  const store = async (): Promise<void> => {
    await insertChunk(sql, place, number, `[${texts.join(',')}]`);
    [number, length, texts] = [number + 1, 0, []];
  };
  for await (const row of rows) {
    const text = JSON.stringify(row);
    texts.push(text);
    length += text.length;
    total += 1;
    if (texts.length === CHUNK_ROWS || length >= CHUNK_LENGTH) await store();
  }
  if (texts.length > 0) await store();
  return total;
}

const insertChunk = (sql: Sql, { organizationId, importId }: Place, number: number, rows: string): Promise<unknown> =>
  sql.write(
    organizationId,
    'insert into lead_import_chunks (organization_id, import_id, number, rows) values ($1, $2, $3, $4::json)',
    [organizationId, importId, number, rows],
  );

/** Takes a chunk out of the store. @returns undefined when there is none of this number */
export async function takeChunk(em: EntityManager, importId: string, number: number): Promise<ImportRow[] | undefined> {
  const [chunk] = await em.execute<{ rows: ImportRow[] }[]>(
    'delete from lead_import_chunks where import_id = ? and number = ? returning rows',
    [importId, number],
  );
  return chunk?.rows;
}

/** Removes what is left of an upload once its import is over. */
export async function discardUpload(em: EntityManager, importId: string): Promise<void> {
  await em.execute('delete from lead_import_chunks where import_id = ?', [importId]);
  await em.execute('delete from lead_import_previews where import_id = ?', [importId]);
}
