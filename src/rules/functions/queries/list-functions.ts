import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { listWindow, type Page, pageOf, type PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { type FunctionState, type FunctionView, viewOf } from '../function-view.js';

export class ListFunctions extends Query<Page<FunctionView>> {
  constructor(
    readonly actor: Actor,
    /** Part of the name or the description, whatever its case. */
    readonly search: string | undefined,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListFunctions)
export class ListFunctionsHandler implements IQueryHandler<ListFunctions> {
  constructor(private readonly sql: Sql) {}

  /** In order of their names. */
  async execute({ actor, search, page }: ListFunctions): Promise<Page<FunctionView>> {
    const { take, skip, after } = listWindow(page, 1);
    const rows = await this.sql.read<FunctionState & { total: string } & Record<string, unknown>>(
      actor.organizationId,
      SELECT,
      [actor.organizationId, search ?? null, ...after, take, skip],
    );
    return pageOf(rows.map(viewOf), page, Number(rows[0]?.total ?? 0), ({ name }) => [name]);
  }
}

const SELECT = `
  with found as (
    select * from rule_functions
    where organization_id = $1 and archived_at is null
      and ($2::text is null or strpos(lower(name), lower($2)) > 0
        or strpos(lower(definition ->> 'description'), lower($2)) > 0)
  )
  select name, definition_version as "definitionVersion", live_version as "liveVersion", definition,
    created_at as "createdAt", created_by as "createdBy", updated_at as "updatedAt", updated_by as "updatedBy",
    (select count(*) from found) as total
  from found where $3::text is null or name > $3 order by name limit $4 offset $5`;
