import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { IMPORT_COLUMNS, type ImportView } from '../import-view.js';

export class GetImport extends Query<ImportView> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetImport)
export class GetImportHandler implements IQueryHandler<GetImport> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, id }: GetImport): Promise<ImportView> {
    const [found] = await this.sql.read<ImportView & Record<string, unknown>>(
      actor.organizationId,
      `select ${IMPORT_COLUMNS} from lead_imports where id = $1`,
      [id],
    );
    if (!found) throw notFound('Import', id);
    return found;
  }
}
