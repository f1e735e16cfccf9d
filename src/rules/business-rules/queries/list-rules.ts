import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { listWindow, type Page, pageOf, type PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { EntryPoints } from '../../entry-points/entry-points.js';
import { type RuleState, type RuleView, viewOf } from '../rule-view.js';

/** Which rules to list; what is absent does not restrict. */
export interface RuleFilter {
  readonly entryPoint?: string;
  readonly entity?: string;
  readonly enabled?: boolean;
  readonly tag?: string;
  readonly search?: string;
}

/** Newest first, or in the order of decision. */
export type RuleSort = 'createdAt' | 'priority';

export class ListRules extends Query<Page<RuleView>> {
  constructor(
    readonly actor: Actor,
    readonly filter: RuleFilter,
    readonly sort: RuleSort,
    readonly page: PageRequest,
  ) {
    super();
  }
}

interface RuleRow extends Record<string, unknown> {
  rule: Omit<RuleState, 'createdAt' | 'updatedAt'>;
  createdAt: Date;
  updatedAt: Date;
  total: string | null;
}

@QueryHandler(ListRules)
export class ListRulesHandler implements IQueryHandler<ListRules> {
  constructor(
    private readonly sql: Sql,
    private readonly entryPoints: EntryPoints,
  ) {}

  async execute({ actor, filter, sort, page }: ListRules): Promise<Page<RuleView>> {
    const { take, skip, after } = listWindow(page, 3);
    const rows = await this.sql.read<RuleRow>(actor.organizationId, sort === 'priority' ? BY_PRIORITY : BY_AGE, [
      filter.entity === undefined ? null : await this.entryPointNames(actor.organizationId, filter.entity),
      filter.entryPoint ?? null,
      filter.enabled ?? null,
      filter.tag ?? null,
      filter.search ?? null,
      ...after,
      take,
      skip,
      page.cursor === undefined,
    ]);
    const items = rows.map(({ rule, createdAt, updatedAt }) => viewOf({ ...rule, createdAt, updatedAt }));
    return pageOf(items, page, Number(rows[0]?.total ?? 0), ({ priority, createdAt, id }) => [priority, createdAt, id]);
  }

  private async entryPointNames(organizationId: string, entity: string): Promise<string[]> {
    const all = await this.entryPoints.all(organizationId);
    return all.filter((entryPoint) => entryPoint.entity === entity).map(({ name }) => name);
  }
}

const select = (after: string, order: string): string => `
  select jsonb_build_object('id', id, 'entryPoint', entry_point, 'importedKey', imported_key,
      'definitionVersion', definition_version, 'liveVersion', live_version, 'definition', definition, 'createdBy', created_by, 'updatedBy', updated_by) as rule,
    created_at as "createdAt", updated_at as "updatedAt",
    case when $11 then count(*) over () end as total
  from rules
  where archived_at is null
    and ($1::text[] is null or entry_point = any($1)) and ($2::text is null or entry_point = $2)
    and ($3::boolean is null or is_enabled = $3)
    and ($4::text is null or definition -> 'tags' ? $4)
    and ($5::text is null or strpos(lower(name), lower($5)) > 0)
    and ($8::uuid is null or ${after})
  order by ${order} limit $9 offset $10`;

const BY_AGE = select(
  '(created_at, id) < ($7::timestamptz, $8::uuid) and $6::integer is not null',
  'created_at desc, id desc',
);
const BY_PRIORITY = select(
  '(-priority, created_at, id) > (-$6::integer, $7::timestamptz, $8::uuid)',
  '-priority, created_at, id',
);
