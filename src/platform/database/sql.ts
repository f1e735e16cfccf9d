import type { Writable } from 'node:stream';
import type pg from 'pg';

type Row = Record<string, unknown>;

const SET_ORGANIZATION = { name: 'set-organization', text: "select set_config('app.organization_id', $1, true)" };

/** What a client of the library holds besides its declared members. */
interface Connected {
  readonly connection: { readonly stream: Writable };
}

/**
 * Lone statements under row-level security in one round trip: begin, organization, statement and commit leave together.
 * The way for lists, for step statements, for whatever needs no aggregate.
 */
export class Sql {
  constructor(readonly pool: pg.Pool) {}

  /**
   * Reads rows of one organization. Under a `name` of its own, one for each text, the server keeps its plan: worth it for
   * what runs all the time.
   */
  read<T extends Row>(
    organizationId: string,
    text: string,
    values: readonly unknown[] = [],
    name?: string,
  ): Promise<T[]> {
    return this.run<T>('begin read only', organizationId, statementOf(text, values, name));
  }

  /** Runs one writing statement for one organization, alone in its transaction; `name` as for `read`. */
  write<T extends Row>(
    organizationId: string,
    text: string,
    values: readonly unknown[] = [],
    name?: string,
  ): Promise<T[]> {
    return this.run<T>('begin', organizationId, statementOf(text, values, name));
  }

  private async run<T extends Row>(begin: string, organizationId: string, statement: pg.QueryConfig): Promise<T[]> {
    const client = await this.pool.connect();
    const { stream } = (client as unknown as Connected).connection;
    // What is written in between leaves in one piece: on its way each piece costs more than what is in it.
    stream.cork();
    const sent = [
      client.query(begin),
      client.query({ ...SET_ORGANIZATION, values: [organizationId] }),
      client.query<T>(statement),
      client.query('commit'),
    ] as const;
    stream.uncork();
    const answers = await Promise.allSettled(sent);
    const failed = answers.find((answer) => answer.status === 'rejected');
    client.release(failed !== undefined && isConnectionLost(failed.reason));
    if (failed) throw failed.reason;
    return (answers[2] as PromiseFulfilledResult<pg.QueryResult<T>>).value.rows;
  }
}

const statementOf = (text: string, values: readonly unknown[], name: string | undefined): pg.QueryConfig => ({
  text,
  values: [...values],
  ...(name !== undefined && { name }),
});

/** Whether an error says that the connection itself is gone, rather than that the server refused a statement. */
export function isConnectionLost(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return true;
  return (
    code.startsWith('08') || code.startsWith('57P0') || code.startsWith('E') || code === '25P03' || code === '25P04'
  );
}
