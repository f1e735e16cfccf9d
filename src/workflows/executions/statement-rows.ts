import { EXECUTION, ORGANIZATION } from './statement-keys.js';

/** Beyond the due time, so that the job has taken the run before the sweeper looks. */
export const ALARM_GRACE = '2 seconds';

/** When a run is due that waits so many milliseconds; for ever when it waits for no timer. */
const dueIn = (grace = '0'): string =>
  `coalesce(present + the."delayMs" * interval '1 millisecond' + interval '${grace}', 'infinity')`;

/** Where the end of a run stands among all of its execution: by transition, then by its place in that. */
export const positionOf = (place: string): string =>
  `(coalesce((j ->> 'version')::bigint, 0) + 1) * 1000000 + ${place}`;

const POSITION = positionOf('the.position');

const OF_EXECUTION = `run.organization_id = ${ORGANIZATION} and run.execution_id = ${EXECUTION}
    and run.step_id = the."stepId" and run.scope = the.scope and run.visit = the.visit`;

/** The part of a transition's statement that ends step runs. */
export const ENDED = `ended as (
  update workflow_step_runs run set status = the.status, output = the.output, error = the.error, ended_at = present,
    ended_position = ${POSITION},
    lease_owner = null, lease_until = null
  from execution, change, jsonb_to_recordset(j -> 'ended')
    as the("stepId" text, scope text, visit integer, status text, output jsonb, error jsonb, "taskStatus" text,
      position integer)
  where ${OF_EXECUTION}
  returning run.organization_id, run.id, the."taskStatus" as task_status
)`;

/** The part that puts runs off, after a failed attempt or to the next notice of a task. */
export const PUT_OFF = `retried as (
  update workflow_step_runs run set status = 'waiting', attempt = the.attempt, lease_owner = null, lease_until = null,
    due_at = ${dueIn()}, alarm_at = ${dueIn(ALARM_GRACE)}
  from execution, change, jsonb_to_recordset(j -> 'retried')
    as the("stepId" text, scope text, visit integer, attempt integer, "delayMs" bigint, error jsonb)
  where ${OF_EXECUTION}
  returning run.organization_id, run.id, the.attempt - 1 as failed_attempt, the.error
),
attempts as (
  insert into workflow_step_attempts (organization_id, step_run_id, attempt, error, failed_at)
  select organization_id, id, failed_attempt, error, present from retried, change
),
rearmed as (
  update workflow_step_runs run set status = 'waiting', lease_owner = null, lease_until = null,
    due_at = ${dueIn()}, alarm_at = ${dueIn(ALARM_GRACE)},
    input = case when the."reassigns" then run.input || jsonb_build_object('assignee', the.assignee, 'role', the.role)
      else run.input end
  from execution, change, jsonb_to_recordset(j -> 'rearmed')
    as the("stepId" text, scope text, visit integer, "delayMs" bigint, notice text, "reassigns" boolean, assignee text, role text)
  where ${OF_EXECUTION}
  returning run.organization_id, run.id, the.notice, the."reassigns" as reassigns, the.assignee, the.role
)`;

/** The part that inserts the runs that begin, or have passed already. */
export const BEGUN = `begun as (
  insert into workflow_step_runs (organization_id, id, execution_id, workflow_id, step_id, scope, visit, status, fence,
    lease_owner, lease_until, due_at, alarm_at, queue, input, output, error, started_at, ended_at,
    ended_position, event_type,
    match_field, match_value)
  select execution.organization_id, the.id, execution.id, execution.workflow_id, the."stepId", the.scope, the.visit,
    the.status, case when the.status = 'running' then 1 else 0 end,
    case when the.status = 'running' then (j ->> 'worker')::uuid end,
    case when the.status = 'running' then clock_timestamp() + (j ->> 'lease')::interval end,
    ${dueIn()}, ${dueIn(ALARM_GRACE)}, the.queue, the.input, the.output, the.error,
    case when the."isStarted" then present end,
    case when the.status in ('completed', 'failed', 'cancelled') then present end,
    case when the.status in ('completed', 'failed', 'cancelled') then ${POSITION} end,
    the."eventType", the."matchField", the."matchValue"
  from execution join change on change.execution_id = execution.id, jsonb_to_recordset(j -> 'begun')
    as the(id uuid, "stepId" text, scope text, visit integer, status text, "delayMs" bigint, queue text, input jsonb,
      output jsonb, error jsonb, "isStarted" boolean, "eventType" text, "matchField" text, "matchValue" text,
      position integer)
)`;

/** The parts that write the tasks of people: those that begin, those whose step ended, and those that got a notice. */
export const TASKS = `tasks_begun as (
  insert into human_tasks (organization_id, id, execution_id, title, description, assignee, role, form, status, created_at)
  select execution.organization_id, the.id, execution.id, the.title, the.description, the.assignee, the.role, the.form,
    'open', app_now()
  from execution, change, jsonb_to_recordset(j -> 'tasks')
    as the(id uuid, title text, description text, assignee text, role text, form jsonb)
),
tasks_ended as (
  update human_tasks task set status = ended.task_status, ended_at = app_now()
  from ended
  where ended.task_status is not null and task.organization_id = ${ORGANIZATION} and task.execution_id = ${EXECUTION}
    and task.id = ended.id
    and task.status = 'open'
),
tasks_noticed as (
  update human_tasks task set
    reminded_at = case when rearmed.notice = 'reminder' then app_now() else task.reminded_at end,
    escalated_at = case when rearmed.notice = 'escalation' then app_now() else task.escalated_at end,
    assignee = case when rearmed.reassigns then rearmed.assignee else task.assignee end,
    role = case when rearmed.reassigns then rearmed.role else task.role end
  from rearmed
  where task.organization_id = ${ORGANIZATION} and task.execution_id = ${EXECUTION} and task.id = rearmed.id and task.status = 'open'
)`;
