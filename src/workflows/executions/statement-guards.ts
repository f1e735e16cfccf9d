import { EXECUTION, ORGANIZATION } from './statement-keys.js';

/** The part of a transition's statement that inserts the execution; nothing when its start key was used before. */
export const STARTED_EXECUTION = `execution as (
  insert into workflow_executions (organization_id, id, workflow_id, definition_version, version, status, variables,
    state, current_step, error_message, subject_type, subject_id, correlation_id, causation_id, depth, created_by,
    parent_step_run_id, start_key, started_at, completed_at)
  select (j ->> 'organizationId')::uuid, (j ->> 'executionId')::uuid, (j ->> 'workflowId')::uuid,
    (j ->> 'definitionVersion')::integer, 1, j ->> 'status', j -> 'variables', j -> 'state', j ->> 'currentStep',
    j ->> 'errorMessage', j ->> 'subjectType', (j ->> 'subjectId')::uuid, j ->> 'correlationId',
    (j ->> 'causationId')::uuid, (j ->> 'depth')::smallint, (j ->> 'createdBy')::uuid, (j ->> 'parentStepRunId')::uuid,
    j ->> 'startKey', present, case when (j ->> 'isFinal')::boolean then present end
  from change
  on conflict do nothing
  returning organization_id, id, workflow_id, parent_step_run_id
)`;

/** What a transition sets in the row of its execution. */
export const MOVED_ON = `status = j ->> 'status', state = j -> 'state',
    current_step = case when j ->> 'status' = 'failed' then e.current_step else j ->> 'currentStep' end,
    error_message = j ->> 'errorMessage', active_ms = e.active_ms + (j ->> 'activeMs')::bigint, version = e.version + 1,
    completed_at = case when (j ->> 'isFinal')::boolean then present end`;

/** The part that moves the execution on, when it is still as the transition found it and `condition` holds. */
export const ADVANCED_EXECUTION = (condition: string): string => `execution as (
  update workflow_executions e set ${MOVED_ON}
  from change
  where e.organization_id = ${ORGANIZATION} and e.id = ${EXECUTION}
    and e.version = (j ->> 'version')::integer ${condition}
  returning e.organization_id, e.id, e.workflow_id, e.parent_step_run_id
)`;

const UNMOVED = `unmoved as (
  select e.organization_id, e.id from change, workflow_executions e
  where e.organization_id = ${ORGANIZATION} and e.id = ${EXECUTION}
    and e.version = (j ->> 'version')::integer
  for no key update of e
)`;

/** The worker's own run, while its lease holds and nothing was delivered to it that the worker does not know of. */
export const IS_HELD = `run.fence = (j ->> 'fence')::integer and run.status = 'running'
      and (run.delivered is not null) = (j ->> 'isDelivered')::boolean`;

/**
 * Locks the execution, when it is still as the transition found it, and then every run that the transition changes, in
 * the order of their ids; that of the parent too when a child ends. All that changes an execution's rows locks them in
 * this order, so that no two of them can wait for each other. The worker's own run is among them only while its lease
 * holds and nothing was delivered to it that the worker does not know of. The locks tell the truth at the time of the
 * write, whatever the statement's snapshot saw.
 */
export const HELD = `${UNMOVED},
held as (
  select run.id from change, workflow_step_runs run
  where run.organization_id = ${ORGANIZATION} and run.id = any(array(
      select (j ->> 'stepRunId')::uuid from unmoved, change
      union all
      select (j ->> 'parentStepRunId')::uuid from unmoved, change
      where (j ->> 'isFinal')::boolean and j ->> 'parentStepRunId' is not null
      union all
      select other.id
      from unmoved, change, jsonb_to_recordset(j -> 'touched') as the("stepId" text, scope text, visit integer)
      join workflow_step_runs other on other.step_id = the."stepId" and other.scope = the.scope and other.visit = the.visit
      where other.organization_id = ${ORGANIZATION} and other.execution_id = ${EXECUTION}
        and other.id <> (j ->> 'stepRunId')::uuid
    ))
    and (run.id <> (j ->> 'stepRunId')::uuid or (${IS_HELD}))
  order by run.id
  for no key update of run
)`;
