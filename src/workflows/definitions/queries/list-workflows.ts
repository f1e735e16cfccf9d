import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { Page, type PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { listNewestFirst } from '../../../platform/database/list-newest-first.js';
import { Definitions } from '../definitions.js';
import { WORKFLOW_COLUMNS, workflowAnswer, type WorkflowAnswer, type WorkflowRow } from '../workflow-answer.js';

/** The organization's workflows, newest first. */
export class ListWorkflows extends Query<Page<WorkflowAnswer>> {
  constructor(
    readonly actor: Actor,
    readonly page: PageRequest,
    readonly enabled: boolean | undefined,
  ) {
    super();
  }
}

@QueryHandler(ListWorkflows)
export class ListWorkflowsHandler implements IQueryHandler<ListWorkflows> {
  constructor(
    private readonly sql: Sql,
    private readonly definitions: Definitions,
  ) {}

  async execute({ actor, page, enabled }: ListWorkflows): Promise<Page<WorkflowAnswer>> {
    const listing = {
      select: WORKFLOW_COLUMNS,
      from: 'workflows',
      where: 'organization_id = $1 and archived_at is null and ($2::boolean is null or is_enabled = $2)',
      values: [actor.organizationId, enabled ?? null],
    };
    const { items, pagination } = await listNewestFirst<WorkflowRow>(this.sql, actor.organizationId, listing, page);
    return new Page(
      items.map((row) => workflowAnswer(row, this.definitions.settings)),
      pagination,
    );
  }
}
