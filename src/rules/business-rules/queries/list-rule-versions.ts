import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { listWindow, type Page, pageOf, type PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { AuthoredRule } from '../rule.js';

/** One saved definition of a rule. */
export interface RuleVersionView extends AuthoredRule {
  readonly version: number;
  readonly createdAt: string;
  readonly createdBy: string;
}

export class ListRuleVersions extends Query<Page<RuleVersionView>> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

interface VersionRow extends Record<string, unknown> {
  version: number;
  definition: AuthoredRule;
  created_at: Date;
  created_by: string;
  total: string;
}

@QueryHandler(ListRuleVersions)
export class ListRuleVersionsHandler implements IQueryHandler<ListRuleVersions> {
  constructor(private readonly sql: Sql) {}

  /** Newest first. @throws not-found */
  async execute({ actor, id, page }: ListRuleVersions): Promise<Page<RuleVersionView>> {
    const { take, skip, after } = listWindow(page, 1);
    const rows = await this.sql.read<VersionRow>(actor.organizationId, SELECT, [
      actor.organizationId,
      id,
      ...after,
      take,
      skip,
    ]);
    if (!rows[0]) throw notFound('Rule', id);
    const items = rows.filter(({ version }) => version !== null).map(versionOf);
    return pageOf(items, page, Number(rows[0].total), ({ version }) => [version]);
  }
}

const versionOf = ({ version, definition, created_at, created_by }: VersionRow): RuleVersionView => ({
  version,
  ...definition,
  createdAt: created_at.toISOString(),
  createdBy: created_by,
});

// One row at least for a rule that is there, so that an empty page is told from an unknown rule.
const SELECT = `
  select page.*, (select count(*) from rule_versions where organization_id = $1 and rule_id = $2) as total
  from rules left join (
    select rule_id, version, definition, created_at, created_by from rule_versions
    where organization_id = $1 and rule_id = $2 and ($3::integer is null or version < $3)
    order by version desc limit $4 offset $5
  ) as page on page.rule_id = rules.id
  where rules.organization_id = $1 and rules.id = $2 and rules.archived_at is null
  order by page.version desc`;
