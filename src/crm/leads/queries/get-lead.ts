import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { LEAD_COLUMNS, type LeadView } from '../lead-view.js';

export class GetLead extends Query<LeadView> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetLead)
export class GetLeadHandler implements IQueryHandler<GetLead> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, id }: GetLead): Promise<LeadView> {
    const [lead] = await this.sql.read<LeadView & Record<string, unknown>>(
      actor.organizationId,
      `select ${LEAD_COLUMNS} from leads where id = $1 and deleted_at is null`,
      [id],
    );
    if (!lead) throw notFound('Lead', id);
    return lead;
  }
}
