import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Page, PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { Trigger } from '../../engine/definition.js';
import type { ExecutionStatus } from '../../engine/status.js';
import { listNewestFirst } from '../../../platform/database/list-newest-first.js';

/** An execution as a list shows it. */
export interface ExecutionSummary {
  readonly id: string;
  readonly workflowId: string;
  readonly workflowName: string;
  readonly workflowVersion: number;
  readonly status: ExecutionStatus;
  readonly currentStep: string | null;
  readonly subject: { readonly type: string; readonly id: string } | null;
  readonly errorMessage: string | null;
  readonly createdBy: string;
  readonly startedAt: Date;
  readonly completedAt: Date | null;
}

export const EXECUTION_COLUMNS = `e.id, e.workflow_id as "workflowId", e.definition_version as "workflowVersion",
  (select v.definition ->> 'name' from workflow_versions v where v.organization_id = e.organization_id
    and v.workflow_id = e.workflow_id and v.version = e.definition_version) as "workflowName",
  e.status, e.current_step as "currentStep", e.error_message as "errorMessage", e.created_by as "createdBy",
  case when e.subject_id is not null then jsonb_build_object('type', e.subject_type, 'id', e.subject_id) end as subject,
  e.started_at as "startedAt", e.completed_at as "completedAt"`;

export interface ExecutionFilter {
  readonly status?: ExecutionStatus;
  readonly workflowId?: string;
  readonly subjectId?: string;
  /** Those that a subworkflow step of this execution started. */
  readonly parentExecutionId?: string;
  /** What the executed version of the workflow is started by. */
  readonly trigger?: Trigger['type'];
  readonly correlationId?: string;
}

/** The organization's executions, newest first. */
export class ListExecutions extends Query<Page<ExecutionSummary>> {
  constructor(
    readonly actor: Actor,
    readonly page: PageRequest,
    readonly filter: ExecutionFilter,
  ) {
    super();
  }
}

@QueryHandler(ListExecutions)
export class ListExecutionsHandler implements IQueryHandler<ListExecutions> {
  constructor(private readonly sql: Sql) {}

  execute({ actor, page, filter }: ListExecutions): Promise<Page<ExecutionSummary>> {
    const { status = null, workflowId = null, subjectId = null } = filter;
    const { parentExecutionId = null, trigger = null, correlationId = null } = filter;
    const listing = {
      select: EXECUTION_COLUMNS,
      from: 'workflow_executions e',
      where: `organization_id = $1 and ($2::text is null or status = $2) and ($3::uuid is null or workflow_id = $3)
        and ($4::uuid is null or subject_id = $4)
        and ($5::uuid is null or parent_step_run_id in (select run.id from workflow_step_runs run
          where run.organization_id = $1 and run.execution_id = $5))
        and ($6::text is null or exists (select from workflow_versions v where v.organization_id = $1
          and v.workflow_id = e.workflow_id and v.version = e.definition_version
          and v.definition #>> '{trigger,type}' = $6))
        and ($7::text is null or correlation_id = $7)`,
      values: [actor.organizationId, status, workflowId, subjectId, parentExecutionId, trigger, correlationId],
    };
    return listNewestFirst<ExecutionSummary>(this.sql, actor.organizationId, listing, page);
  }
}
