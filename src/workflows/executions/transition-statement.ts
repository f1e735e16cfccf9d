import { appendEvents, wakeRelay } from '../../audit/audit.contract.js';

/** Beyond the due time, so that the job has taken the run before the sweeper looks. */
const ALARM_GRACE = '2 seconds';

const START = `execution as (
  insert into workflow_executions (organization_id, id, workflow_id, definition_version, version, status, variables,
    state, current_step, error_message, subject_type, subject_id, correlation_id, causation_id, depth, created_by,
    start_key, started_at, completed_at)
  select (j ->> 'organizationId')::uuid, (j ->> 'executionId')::uuid, (j ->> 'workflowId')::uuid,
    (j ->> 'definitionVersion')::integer, 1, j ->> 'status', j -> 'variables', j -> 'state', j ->> 'currentStep',
    j ->> 'errorMessage', j ->> 'subjectType', (j ->> 'subjectId')::uuid, j ->> 'correlationId',
    (j ->> 'causationId')::uuid, (j ->> 'depth')::smallint, (j ->> 'createdBy')::uuid, j ->> 'startKey', app_now(),
    case when (j ->> 'isFinal')::boolean then app_now() end
  from change
  returning organization_id, id, workflow_id
)`;

const advance = (condition: string): string => `execution as (
  update workflow_executions e set status = j ->> 'status', state = j -> 'state',
    current_step = case when j ->> 'status' = 'failed' then e.current_step else j ->> 'currentStep' end,
    error_message = j ->> 'errorMessage', active_ms = e.active_ms + (j ->> 'activeMs')::bigint, version = e.version + 1,
    completed_at = case when (j ->> 'isFinal')::boolean then app_now() end
  from change
  where e.organization_id = (j ->> 'organizationId')::uuid and e.id = (j ->> 'executionId')::uuid
    and e.version = (j ->> 'version')::integer ${condition}
  returning e.organization_id, e.id, e.workflow_id
)`;

// The lock comes first and tells the truth at the time of the write, whatever the statement's snapshot saw.
const HELD = `held as (
  select run.id from change, workflow_step_runs run
  where run.organization_id = (j ->> 'organizationId')::uuid and run.id = (j ->> 'stepRunId')::uuid
    and run.fence = (j ->> 'fence')::integer and run.status = 'running'
  for update of run
)`;

const RUNS = `ended as (
  update workflow_step_runs run set status = the.status, output = the.output, error = the.error, ended_at = app_now(),
    lease_owner = null, lease_until = null
  from execution, change, jsonb_to_recordset(j -> 'ended')
    as the("stepId" text, scope text, visit integer, status text, output jsonb, error jsonb)
  where run.organization_id = execution.organization_id and run.execution_id = execution.id
    and run.step_id = the."stepId" and run.scope = the.scope and run.visit = the.visit
),
retried as (
  update workflow_step_runs run set status = 'waiting', attempt = the.attempt, lease_owner = null, lease_until = null,
    due_at = app_now() + the."delayMs" * interval '1 millisecond',
    alarm_at = app_now() + the."delayMs" * interval '1 millisecond' + interval '${ALARM_GRACE}'
  from execution, change, jsonb_to_recordset(j -> 'retried')
    as the("stepId" text, scope text, visit integer, attempt integer, "delayMs" bigint, error jsonb)
  where run.organization_id = execution.organization_id and run.execution_id = execution.id
    and run.step_id = the."stepId" and run.scope = the.scope and run.visit = the.visit
  returning run.organization_id, run.id, the.attempt - 1 as failed_attempt, the.error
),
attempts as (
  insert into workflow_step_attempts (organization_id, step_run_id, attempt, error, failed_at)
  select organization_id, id, failed_attempt, error, app_now() from retried
),
begun as (
  insert into workflow_step_runs (organization_id, id, execution_id, workflow_id, step_id, scope, visit, status, fence,
    lease_owner, lease_until, due_at, alarm_at, queue, input, output, error, started_at, ended_at)
  select execution.organization_id, the.id, execution.id, execution.workflow_id, the."stepId", the.scope, the.visit,
    the.status, case when the.status = 'running' then 1 else 0 end,
    case when the.status = 'running' then (j ->> 'worker')::uuid end,
    case when the.status = 'running' then clock_timestamp() + (j ->> 'lease')::interval end,
    app_now() + the."delayMs" * interval '1 millisecond',
    app_now() + the."delayMs" * interval '1 millisecond' + interval '${ALARM_GRACE}',
    the.queue, the.input, the.output, the.error, case when the."isStarted" then app_now() end,
    case when the.status in ('completed', 'failed') then app_now() end
  from execution, change, jsonb_to_recordset(j -> 'begun')
    as the(id uuid, "stepId" text, scope text, visit integer, status text, "delayMs" bigint, queue text, input jsonb,
      output jsonb, error jsonb, "isStarted" boolean)
)`;

const EVENTS = `told as (${appendEvents("j -> 'events'", 'execution, change,')})`;

const ANSWER = `select count(execution.id) > 0 as "isApplied",
  ${wakeRelay("bool_or((j ->> 'wakesRelay')::boolean)")} as woken,
  (select first_held_back(organization_id, workflow_id) from execution) as next
from change left join execution on true`;

const CHANGE = 'with change as materialized (select $1::jsonb as j)';

/**
 * A transition as one statement with one parameter, the change as JSON: fence and version first, then the rows, then
 * the events. When the lease was lost or the execution moved on, nothing is written and `isApplied` is false.
 */
export const STEP_STATEMENT = [
  `${CHANGE}, ${HELD}`,
  advance('and exists (select from held)'),
  RUNS,
  `${EVENTS} ${ANSWER}`,
].join(',\n');

/** Inserts an execution with its first runs; within a unit of work, which appends the events itself. */
export const START_STATEMENT = `${[CHANGE, START, RUNS].join(',\n')} select 1`;

/** A transition that no step brought about; within a unit of work that holds the execution's lock. */
export const OUTSIDE_STATEMENT = `${[CHANGE, advance(''), RUNS].join(',\n')} select 1`;
