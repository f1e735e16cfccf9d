import type pg from 'pg';

/**
 * Which cluster the rows belong to. Transaction ids begin anew in another cluster, so rows that were copied there must
 * be adopted before anything is written after them.
 */
export class Installation {
  private constructor(
    /** Written into every event; raised by `audit adopt`. */
    readonly epoch: number,
  ) {}

  /** @throws Error when the rows come from another cluster and were not adopted yet. */
  static async load(pool: pg.Pool): Promise<Installation> {
    const { rows } = await pool.query<{ epoch: number; is_same: boolean }>(
      `select epoch, installation.system_identifier = control.system_identifier::text as is_same
       from installation, pg_control_system() as control`,
    );
    const row = rows[0]!;
    if (!row.is_same) {
      throw new Error(
        'These rows were copied from another PostgreSQL cluster, where transaction numbers ran differently. ' +
          'Run `npm run cli -- audit adopt` once; it relays and seals the copied rows and begins a new epoch.',
      );
    }
    return new Installation(row.epoch);
  }
}
