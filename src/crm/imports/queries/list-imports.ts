import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { listWindow, type Page, pageOf, type PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { IMPORT_COLUMNS, type ImportView } from '../import-view.js';

/** The organization's imports, newest first. */
export class ListImports extends Query<Page<ImportView>> {
  constructor(
    readonly actor: Actor,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListImports)
export class ListImportsHandler implements IQueryHandler<ListImports> {
  constructor(private readonly sql: Sql) {}

  /** @throws malformed `bad-cursor` */
  async execute({ actor, page }: ListImports): Promise<Page<ImportView>> {
    const { take, skip, after } = listWindow(page, 2);
    const rows = await this.sql.read<ImportView & { total: number } & Record<string, unknown>>(
      actor.organizationId,
      `select ${IMPORT_COLUMNS} from lead_imports
       where $2::uuid is null or (created_at, id) < ($1::timestamptz, $2::uuid)
       order by created_at desc, id desc limit ${take} offset ${skip}`,
      after,
    );
    const total = page.cursor === undefined ? await this.count(actor) : 0;
    return pageOf<ImportView>(rows, page, total, ({ createdAt, id }) => [createdAt.toISOString(), id]);
  }

  private async count(actor: Actor): Promise<number> {
    const [row] = await this.sql.read<{ total: number }>(
      actor.organizationId,
      'select count(*)::int as total from lead_imports',
    );
    return row!.total;
  }
}
