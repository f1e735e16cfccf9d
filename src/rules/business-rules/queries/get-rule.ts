import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { type RuleState, type RuleView, viewOf } from '../rule-view.js';

export class GetRule extends Query<RuleView> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetRule)
export class GetRuleHandler implements IQueryHandler<GetRule> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, id }: GetRule): Promise<RuleView> {
    const [rule] = await this.sql.read<RuleState & Record<string, unknown>>(
      actor.organizationId,
      `select id, entry_point as "entryPoint", imported_key as "importedKey", definition_version as "definitionVersion", live_version as "liveVersion",
         definition, created_at as "createdAt", created_by as "createdBy", updated_at as "updatedAt", updated_by as "updatedBy"
       from rules where organization_id = $1 and id = $2 and archived_at is null`,
      [actor.organizationId, id],
    );
    if (!rule) throw notFound('Rule', id);
    return viewOf(rule);
  }
}
