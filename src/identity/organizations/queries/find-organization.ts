import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { invalid } from '../../../kernel/domain-error.js';
import { isId, PLATFORM_ORGANIZATION } from '../../../kernel/id.js';
import { Sql } from '../../../platform/database/sql.js';

/** The id of an organization that is named by id or slug; for operations commands. */
export class FindOrganization extends Query<string> {
  constructor(readonly name: string) {
    super();
  }
}

@QueryHandler(FindOrganization)
export class FindOrganizationHandler implements IQueryHandler<FindOrganization> {
  constructor(private readonly sql: Sql) {}

  /** @throws invalid `unknown-organization` */
  async execute({ name }: FindOrganization): Promise<string> {
    const [statement, place] = isId(name)
      ? ['select id from organizations where id = $1', name]
      : ['select authentication.find_organization($1) as id', PLATFORM_ORGANIZATION];
    const [row] = await this.sql.read<{ id: string | null }>(place, statement, [name]);
    if (row?.id && row.id !== PLATFORM_ORGANIZATION) return row.id;
    throw invalid('unknown-organization', `There is no organization "${name}"; name it by its id or slug.`);
  }
}
