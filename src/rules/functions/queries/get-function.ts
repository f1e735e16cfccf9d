import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { type FunctionState, type FunctionView, viewOf } from '../function-view.js';

export class GetFunction extends Query<FunctionView> {
  constructor(
    readonly actor: Actor,
    readonly name: string,
  ) {
    super();
  }
}

@QueryHandler(GetFunction)
export class GetFunctionHandler implements IQueryHandler<GetFunction> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, name }: GetFunction): Promise<FunctionView> {
    const [found] = await this.sql.read<FunctionState & Record<string, unknown>>(actor.organizationId, SELECT, [
      actor.organizationId,
      name,
    ]);
    if (!found) throw notFound('Function', name);
    return viewOf(found);
  }
}

const SELECT = `
  select name, definition_version as "definitionVersion", live_version as "liveVersion", definition,
    created_at as "createdAt", created_by as "createdBy", updated_at as "updatedAt", updated_by as "updatedBy"
  from rule_functions where organization_id = $1 and name = $2 and archived_at is null`;
