import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { listWindow, Page, pageOf, type PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { ExecutionReader } from '../execution-reader.js';
import { type ExecutionRow, type ExecutionView, executionOf, SELECT_EXECUTION } from '../execution-view.js';

/** Which decisions to list; what is absent does not restrict. */
export interface ExecutionFilter {
  readonly ruleId?: string;
  readonly entryPoint?: string;
  readonly subjectId?: string;
  readonly from?: string;
  readonly to?: string;
}

export class ListExecutions extends Query<Page<ExecutionView>> {
  constructor(
    readonly actor: Actor,
    readonly filter: ExecutionFilter,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListExecutions)
export class ListExecutionsHandler implements IQueryHandler<ListExecutions> {
  constructor(
    private readonly sql: Sql,
    private readonly reader: ExecutionReader,
  ) {}

  /** Newest first. Pages are by cursor: counting a trail that only grows would cost more than reading it. */
  async execute({ actor, filter, page }: ListExecutions): Promise<Page<ExecutionView>> {
    const { take, after } = listWindow(page, 2);
    const rows = await this.sql.read<ExecutionRow>(
      actor.organizationId,
      filter.ruleId === undefined ? BY_TIME : BY_RULE,
      [
        actor.organizationId,
        filter.ruleId ?? null,
        filter.entryPoint ?? null,
        filter.subjectId ?? null,
        filter.from ?? null,
        filter.to ?? null,
        ...after,
        take,
      ],
    );
    const { items, pagination } = pageOf(rows.map(executionOf), page, 0, ({ createdAt, id }) => [createdAt, id]);
    return new Page(await this.reader.show(actor, items), { limit: page.limit, nextCursor: pagination.nextCursor });
  }
}

const restrictions = `
  event.organization_id = $1 and event.type = 'rules.executed'
  and ($3::text is null or convert_from(event.payload, 'UTF8')::jsonb ->> 'entryPoint' = $3)
  and ($4::uuid is null or event.subject_id = $4)
  and event.occurred_at >= coalesce($5::timestamptz, '-infinity')
  and event.occurred_at < coalesce($6::timestamptz, 'infinity')
  and ($7::timestamptz is null or (event.occurred_at, event.id) < ($7::timestamptz, $8::uuid))`;

const BY_TIME = `
  select ${SELECT_EXECUTION} from events as event
  where $2::uuid is null and ${restrictions}
  order by event.occurred_at desc, event.id desc limit $9`;

const BY_RULE = `
  select ${SELECT_EXECUTION}
  from rule_matches as found
  join events as event on event.occurred_at = found.occurred_at and event.id = found.event_id
  where found.organization_id = $1 and found.rule_id = $2 and ${restrictions}
  order by found.occurred_at desc, found.event_id desc limit $9`;
