import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { EXECUTION_COLUMNS, type ExecutionSummary } from './list-executions.js';

/** One finished visit of a step. */
export interface ExecutionLogEntry {
  readonly stepId: string;
  readonly stepName: string;
  readonly status: 'completed' | 'failed' | 'cancelled';
  /** ISO 8601; null when nobody had begun it. */
  readonly startedAt: string | null;
  readonly completedAt: string;
  /** What the step gave; of a failed one `{error: {code, message}}`. */
  readonly result: JsonValue;
}

/** An execution with its log: the finished visits in the order of their ends. */
export interface ExecutionDetails extends ExecutionSummary {
  readonly variables: JsonObject;
  readonly executionLog: readonly ExecutionLogEntry[];
}

const TIMESTAMP = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

const LOG = `coalesce((
  select jsonb_agg(jsonb_build_object('stepId', run.step_id, 'stepName', coalesce(step ->> 'name', run.step_id),
      'status', run.status, 'startedAt', to_char(run.started_at at time zone 'UTC', ${TIMESTAMP}),
      'completedAt', to_char(run.ended_at at time zone 'UTC', ${TIMESTAMP}),
      'result', case when run.error is null then run.output else jsonb_build_object('error', run.error) end)
    order by run.ended_at, run.id)
  from workflow_step_runs run
  join workflow_versions v on v.organization_id = run.organization_id and v.workflow_id = e.workflow_id
    and v.version = e.definition_version
  left join lateral jsonb_array_elements(v.definition -> 'steps') as step on step ->> 'id' = run.step_id
  where run.organization_id = e.organization_id and run.execution_id = e.id and run.ended_at is not null), '[]')`;

export class GetExecution extends Query<ExecutionDetails> {
  constructor(
    readonly actor: Actor,
    readonly executionId: string,
  ) {
    super();
  }
}

@QueryHandler(GetExecution)
export class GetExecutionHandler implements IQueryHandler<GetExecution> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, executionId }: GetExecution): Promise<ExecutionDetails> {
    const [row] = await this.sql.read<ExecutionDetails & Record<string, unknown>>(
      actor.organizationId,
      `select ${EXECUTION_COLUMNS}, e.variables, ${LOG} as "executionLog" from workflow_executions e
       where e.organization_id = $1 and e.id = $2`,
      [actor.organizationId, executionId],
    );
    if (!row) throw notFound('The execution', executionId);
    return row;
  }
}
