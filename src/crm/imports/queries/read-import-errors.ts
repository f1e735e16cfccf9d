import { Readable } from 'node:stream';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import type { JsonValue } from '../../../kernel/json.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { ImportFormat } from '../lead-import.js';
import { GetImport } from './get-import.js';

/** The rows of an import of which no lead became, in the order of the upload: NDJSON, or CSV with a header. */
export class ReadImportErrors extends Query<Readable> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
    readonly format: ImportFormat,
  ) {
    super();
  }
}

interface RejectedRow extends Record<string, unknown> {
  readonly line: number;
  readonly outcome: string;
  readonly reason: string;
  readonly duplicateOf: string | null;
  readonly content: JsonValue;
}

const PAGE_ROWS = 500;

@QueryHandler(ReadImportErrors)
export class ReadImportErrorsHandler implements IQueryHandler<ReadImportErrors> {
  constructor(
    private readonly queries: QueryBus,
    private readonly sql: Sql,
  ) {}

  /** @throws not-found */
  async execute({ actor, id, format }: ReadImportErrors): Promise<Readable> {
    await this.queries.execute(new GetImport(actor, id));
    return Readable.from(this.pages(actor.organizationId, id, format));
  }

  private async *pages(organizationId: string, id: string, format: ImportFormat): AsyncGenerator<string> {
    if (format === 'csv') yield 'line,outcome,reason,duplicateOf,content\r\n';
    for (let line: number | undefined = 0; line !== undefined;) {
      const rows: RejectedRow[] = await this.sql.read<RejectedRow>(
        organizationId,
        `select line, outcome, reason, duplicate_of as "duplicateOf", content from lead_import_rejections
         where organization_id = $1 and import_id = $2 and line > $3 order by line limit ${PAGE_ROWS}`,
        [organizationId, id, line],
      );
      yield rows.map(format === 'csv' ? csvLine : ndjsonLine).join('');
      line = rows.length === PAGE_ROWS ? rows.at(-1)!.line : undefined;
    }
  }
}

const ndjsonLine = (row: RejectedRow): string => `${JSON.stringify(row)}\n`;

const csvLine = ({ line, outcome, reason, duplicateOf, content }: RejectedRow): string =>
  `${[line, outcome, quoted(reason), duplicateOf ?? '', quoted(JSON.stringify(content))].join(',')}\r\n`;

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
