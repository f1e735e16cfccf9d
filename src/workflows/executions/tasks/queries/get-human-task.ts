import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../../kernel/domain-error.js';
import { Sql } from '../../../../platform/database/sql.js';
import type { Actor } from '../../../../platform/http/actor.js';
import { type HumanTaskAnswer, TASK_COLUMNS, TASKS } from './human-task-answer.js';

export class GetHumanTask extends Query<HumanTaskAnswer> {
  constructor(
    readonly actor: Actor,
    readonly taskId: string,
  ) {
    super();
  }
}

@QueryHandler(GetHumanTask)
export class GetHumanTaskHandler implements IQueryHandler<GetHumanTask> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, taskId }: GetHumanTask): Promise<HumanTaskAnswer> {
    const [row] = await this.sql.read<HumanTaskAnswer & Record<string, unknown>>(
      actor.organizationId,
      `select ${TASK_COLUMNS} from ${TASKS} where task.organization_id = $1 and task.id = $2`,
      [actor.organizationId, taskId],
    );
    if (!row) throw notFound('The task', taskId);
    return row;
  }
}
