import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Page, PageRequest } from '../../../../kernel/page.js';
import { listNewestFirst } from '../../../../platform/database/list-newest-first.js';
import { Sql } from '../../../../platform/database/sql.js';
import type { Actor } from '../../../../platform/http/actor.js';
import { type HumanTaskAnswer, TASK_COLUMNS, TASKS, type TaskStatus } from './human-task-answer.js';

export interface HumanTaskFilter {
  readonly status?: TaskStatus;
  /** Id of a user; `me` is who asks. */
  readonly assignee?: string;
  readonly role?: string;
  readonly executionId?: string;
}

/** The organization's human tasks, newest first. */
export class ListHumanTasks extends Query<Page<HumanTaskAnswer>> {
  constructor(
    readonly actor: Actor,
    readonly page: PageRequest,
    readonly filter: HumanTaskFilter,
  ) {
    super();
  }
}

@QueryHandler(ListHumanTasks)
export class ListHumanTasksHandler implements IQueryHandler<ListHumanTasks> {
  constructor(private readonly sql: Sql) {}

  execute({ actor, page, filter }: ListHumanTasks): Promise<Page<HumanTaskAnswer>> {
    const { status = null, role = null, executionId = null } = filter;
    const assignee = filter.assignee === 'me' ? actor.id : (filter.assignee ?? null);
    const listing = {
      select: TASK_COLUMNS,
      from: TASKS,
      where: `task.organization_id = $1 and ($2::text is null or task.status = $2)
        and ($3::text is null or task.assignee = $3) and ($4::text is null or task.role = $4)
        and ($5::uuid is null or task.execution_id = $5)`,
      values: [actor.organizationId, status, assignee, role, executionId],
      order: ['task.created_at', 'task.id'] as const,
    };
    return listNewestFirst<HumanTaskAnswer>(this.sql, actor.organizationId, listing, page);
  }
}
