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
  /** The branch or item it belongs to; '' outside of those. */
  readonly scope: string;
  readonly status: 'completed' | 'failed' | 'cancelled';
  /** ISO 8601; null when nobody had begun it. */
  readonly startedAt: string | null;
  readonly completedAt: string;
  /** What the step gave; of a failed one `{error: {code, message}}`. */
  readonly result: JsonValue;
}

/** A visit of a step that has begun and not ended. */
export interface OpenStep {
  readonly stepId: string;
  readonly stepName: string;
  /** The branch or item it belongs to; '' outside of those. */
  readonly scope: string;
  readonly status: 'waiting' | 'running';
  /** ISO 8601; null when no timer runs. */
  readonly dueAt: string | null;
  readonly attempt: number;
}

/** An execution with its log: the finished visits in the order of their ends. */
export interface ExecutionDetails extends ExecutionSummary {
  readonly variables: JsonObject;
  readonly correlationId: string;
  readonly parentExecutionId: string | null;
  readonly childExecutionIds: readonly string[];
  readonly openSteps: readonly OpenStep[];
  readonly executionLog: readonly ExecutionLogEntry[];
}

const instant = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const RUNS = `workflow_step_runs run
  join workflow_versions v on v.organization_id = run.organization_id and v.workflow_id = e.workflow_id
    and v.version = e.definition_version
  left join lateral jsonb_array_elements(v.definition -> 'steps') as step on step ->> 'id' = run.step_id
  where run.organization_id = e.organization_id and run.execution_id = e.id`;

const STEP = `'stepId', run.step_id, 'stepName', coalesce(step ->> 'name', run.step_id), 'scope', run.scope,
  'status', run.status`;

const LOG = `coalesce((
  select jsonb_agg(jsonb_build_object(${STEP}, 'startedAt', ${instant('run.started_at')},
      'completedAt', ${instant('run.ended_at')},
      'result', case when run.error is null then run.output else jsonb_build_object('error', run.error) end)
    order by run.ended_position nulls first, run.ended_at, run.id)
  from ${RUNS} and run.ended_at is not null), '[]')`;

const OPEN = `coalesce((
  select jsonb_agg(jsonb_build_object(${STEP}, 'attempt', run.attempt,
      'dueAt', case when isfinite(run.due_at) then ${instant('run.due_at')} end) order by run.id)
  from ${RUNS} and run.ended_at is null), '[]')`;

const FAMILY = `(select parent.execution_id from workflow_step_runs parent
    where parent.organization_id = e.organization_id and parent.id = e.parent_step_run_id) as "parentExecutionId",
  coalesce((select jsonb_agg(child.id order by child.id) from workflow_executions child
    join workflow_step_runs run on run.organization_id = child.organization_id and run.id = child.parent_step_run_id
    where run.organization_id = e.organization_id and run.execution_id = e.id), '[]') as "childExecutionIds"`;

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
      `select ${EXECUTION_COLUMNS}, e.variables, e.correlation_id as "correlationId", ${FAMILY},
         ${OPEN} as "openSteps", ${LOG} as "executionLog"
       from workflow_executions e
       where e.organization_id = $1 and e.id = $2`,
      [actor.organizationId, executionId],
    );
    if (!row) throw notFound('The execution', executionId);
    return row;
  }
}
