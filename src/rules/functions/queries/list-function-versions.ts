import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { listWindow, type Page, pageOf, type PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { AuthoredFunction } from '../custom-function.js';

/** One saved version of a function. */
export interface FunctionVersionView extends AuthoredFunction {
  readonly version: number;
  readonly createdAt: string;
  readonly createdBy: string;
}

export class ListFunctionVersions extends Query<Page<FunctionVersionView>> {
  constructor(
    readonly actor: Actor,
    readonly name: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

interface VersionRow extends Record<string, unknown> {
  version: number | null;
  definition: AuthoredFunction;
  created_at: Date;
  created_by: string;
  total: string;
}

@QueryHandler(ListFunctionVersions)
export class ListFunctionVersionsHandler implements IQueryHandler<ListFunctionVersions> {
  constructor(private readonly sql: Sql) {}

  /** Newest first. @throws not-found */
  async execute({ actor, name, page }: ListFunctionVersions): Promise<Page<FunctionVersionView>> {
    const { take, skip, after } = listWindow(page, 1);
    const values = [actor.organizationId, name, ...after, take, skip];
    const rows = await this.sql.read<VersionRow>(actor.organizationId, SELECT, values);
    if (!rows[0]) throw notFound('Function', name);
    const items = rows.flatMap(viewsOf);
    return pageOf(items, page, Number(rows[0].total), ({ version }) => [version]);
  }
}

const viewsOf = ({ version, definition, created_at, created_by }: VersionRow): FunctionVersionView[] =>
  version === null ? [] : [{ version, ...definition, createdAt: created_at.toISOString(), createdBy: created_by }];

// One row at least for a function that is there, so that an empty page is told from an unknown function.
const SELECT = `
  select page.*, target.definition_version as total
  from rule_functions as target left join lateral (
    select version, definition, created_at, created_by from rule_function_versions
    where organization_id = target.organization_id and function_id = target.id
      and ($3::integer is null or version < $3)
    order by version desc limit $4 offset $5
  ) as page on true
  where target.organization_id = $1 and target.name = $2 and target.archived_at is null
  order by page.version desc`;
