import { appendEvents, wakeRelay } from '../../audit/audit.contract.js';
import { BEGUN, positionOf } from './statement-rows.js';
import { IS_HELD, MOVED_ON } from './statement-guards.js';
import { ORGANIZATION } from './statement-keys.js';
import type { NamedStatement } from './transition-statement.js';

// Rows are found by lists of their keys, which the server looks up in an index whatever it knew of the tables' sizes
// when it made the plan; the joins are with what was found.
const CHANGES = `change as materialized (
  select value as j, (value ->> 'executionId')::uuid as execution_id, (value ->> 'stepRunId')::uuid as step_run_id,
    (value ->> 'version')::integer as from_version, (select app_now()) as present
  from jsonb_array_elements($1::jsonb -> 'changes')
)`;

/** All executions first, in the order of their ids, then the runs: as HELD says, so that no two wait for each other. */
const GUARDS = `unmoved as (
  select e.id from workflow_executions e join change on change.execution_id = e.id
  where e.organization_id = ${ORGANIZATION} and e.id = any(array(select execution_id from change))
    and e.version = from_version
  order by e.id
  for no key update of e
),
held as (
  select run.id, run.execution_id from workflow_step_runs run join change on change.step_run_id = run.id
  where run.organization_id = ${ORGANIZATION}
    and run.id = any(array(select step_run_id from change where execution_id in (select id from unmoved)))
    and coalesce(${IS_HELD}, false)
  order by run.id
  for no key update of run
)`;

const ADVANCED = `execution as (
  update workflow_executions e set ${MOVED_ON}
  from change
  where e.organization_id = ${ORGANIZATION} and e.id = any(array(select execution_id from held))
    and e.id = change.execution_id and e.version = from_version
  returning e.organization_id, e.id, e.workflow_id
)`;

const ENDED = `ended as (
  update workflow_step_runs run set status = j #>> '{ended,0,status}', output = nullif(j #> '{ended,0,output}', 'null'),
    error = nullif(j #> '{ended,0,error}', 'null'), ended_at = present,
    ended_position = ${positionOf("(j #>> '{ended,0,position}')::bigint")}, lease_owner = null, lease_until = null
  from execution join change on change.execution_id = execution.id
  where run.organization_id = ${ORGANIZATION}
    and run.id = any(array(select held.id from held join execution on execution.id = held.execution_id))
    and run.id = change.step_run_id
)`;

const TOLD = `told as (${appendEvents("j -> 'events'", 'execution join change on change.execution_id = execution.id,')})`;

const ANSWER = `select change.step_run_id as "stepRunId", execution.id is not null as "isApplied",
  case when (j ->> 'givesUpPlace')::boolean then first_held_back(organization_id, workflow_id) end as next,
  (select ${wakeRelay("bool_or((j ->> 'wakesRelay')::boolean)")} from execution join change on execution_id = execution.id)
    as woken
from change left join execution on execution.id = change.execution_id`;

/**
 * The plain transitions of several executions of one organization, each as the full statement would write it: its own
 * run ends, others begin. An execution may stand among them once. Answers a row for each change.
 */
export const PLAIN_STATEMENT: NamedStatement = {
  name: 'write-plain-transitions',
  text: `with ${[CHANGES, GUARDS, ADVANCED, ENDED, BEGUN, TOLD].join(',\n')} ${ANSWER}`,
};
