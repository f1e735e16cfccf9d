import type pg from 'pg';

/** A place in the order of the store. `tx` and `position` are decimals of 64 bits. */
export interface Cursor {
  readonly epoch: number;
  readonly tx: string;
  readonly position: string;
}

/** The place just before `cursor`, so that reading after it begins with it. */
export const justBefore = ({ epoch, tx, position }: Cursor): Cursor => ({
  epoch,
  tx,
  position: String(BigInt(position) - 1n),
});

/**
 * Settings of a session that reads the store in order. The planner takes a range of rows behind the newest statistics for
 * nearly empty and would sort all that wait for every few hundred; the index has them in order.
 */
export const READS_IN_ORDER = { enable_sort: 'off', enable_bitmapscan: 'off', enable_seqscan: 'off' } as const;

/** What can run one statement: a pool or one of its clients. */
export type Connection = Pick<pg.Client, 'query'>;

/** Every stored checkpoint by its name. */
export async function readCheckpoints(connection: Connection): Promise<Map<string, Cursor>> {
  const { rows } = await connection.query<Cursor & { name: string }>(
    'select name, epoch, tx::text, position::text from relay_checkpoints',
  );
  return new Map(rows.map(({ name, ...cursor }) => [name, cursor]));
}
