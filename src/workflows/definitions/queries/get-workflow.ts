import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { Definitions } from '../definitions.js';
import { WORKFLOW_COLUMNS, workflowAnswer, type WorkflowAnswer, type WorkflowRow } from '../workflow-answer.js';

/** One workflow with its newest definition. */
export class GetWorkflow extends Query<WorkflowAnswer> {
  constructor(
    readonly actor: Actor,
    readonly workflowId: string,
  ) {
    super();
  }
}

@QueryHandler(GetWorkflow)
export class GetWorkflowHandler implements IQueryHandler<GetWorkflow> {
  constructor(
    private readonly sql: Sql,
    private readonly definitions: Definitions,
  ) {}

  /** @throws not-found, also for an archived one */
  async execute({ actor, workflowId }: GetWorkflow): Promise<WorkflowAnswer> {
    const [row] = await this.sql.read<WorkflowRow & Record<string, unknown>>(
      actor.organizationId,
      `select ${WORKFLOW_COLUMNS} from workflows where organization_id = $1 and id = $2 and archived_at is null`,
      [actor.organizationId, workflowId],
    );
    if (!row) throw notFound('The workflow', workflowId);
    return workflowAnswer(row, this.definitions.settings);
  }
}
