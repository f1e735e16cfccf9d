import { appendEvents, wakeRelay } from '../../audit/audit.contract.js';
import { ADVANCED_EXECUTION, HELD, STARTED_EXECUTION } from './statement-guards.js';
import { EXECUTION, ORGANIZATION } from './statement-keys.js';
import { ALARM_GRACE, BEGUN, ENDED, PUT_OFF, TASKS } from './statement-rows.js';

// What a child came to is delivered to the step that waits for it, in the transition that ends the child.
const PARENT = `parent as (
  update workflow_step_runs run set delivered = j -> 'delivery', due_at = present,
    alarm_at = present + interval '${ALARM_GRACE}'
  from change
  where j -> 'delivery' <> 'null' and run.organization_id = ${ORGANIZATION}
    and run.id = (select parent_step_run_id from execution) and run.status = 'waiting' and run.delivered is null
  returning run.id, run.queue, run.fence
)`;

const PARENT_ANSWER = `(select jsonb_build_object('id', id, 'queue', queue, 'fence', fence) from parent) as parent`;

const EVENTS = `told as (${appendEvents("j -> 'events'", 'execution, change,')})`;

const STEP_ANSWER = `select count(execution.id) > 0 as "isApplied",
  ${wakeRelay("bool_or((j ->> 'wakesRelay')::boolean)")} as woken,
  (select first_held_back(organization_id, workflow_id) from execution, change
    where (j ->> 'givesUpPlace')::boolean) as next, ${PARENT_ANSWER}
from change left join execution on true`;

const OUTSIDE_ANSWER = `select (select count(*) > 0 from execution) as "isApplied", ${PARENT_ANSWER}`;

// The present is asked for once: each call of a function in SQL is a statement of its own.
const CHANGE = `with change as materialized (
  select $1::jsonb as j, ${EXECUTION} as execution_id, app_now() as present
)`;

const ALL_RUNS = [ENDED, PUT_OFF, BEGUN].join(',\n');

const STEP_ADVANCED = ADVANCED_EXECUTION(
  "and (select count(*) filter (where id = (j ->> 'stepRunId')::uuid) from held) > 0",
);

/** A statement with the name under which servers keep its plan. */
export interface NamedStatement {
  readonly name: string;
  readonly text: string;
}

/**
 * A transition as one statement with one parameter, the change as JSON: fence and version first, then the rows, then
 * the events. When the lease was lost or the execution moved on, nothing is written and `isApplied` is false.
 */
export const STEP_STATEMENT: NamedStatement = {
  name: 'write-transition',
  text: [`${CHANGE}, ${HELD}`, STEP_ADVANCED, ALL_RUNS, TASKS, PARENT, `${EVENTS} ${STEP_ANSWER}`].join(',\n'),
};

/**
 * Inserts an execution with its first runs, unless another one was started for the same key; within a unit of work,
 * which appends the events itself.
 */
export const START_STATEMENT = `${[CHANGE, STARTED_EXECUTION, ALL_RUNS, TASKS, PARENT].join(',\n')} ${OUTSIDE_ANSWER}`;

/** A transition that no step brought about; within a unit of work that holds the locks of all that it changes. */
export const OUTSIDE_STATEMENT = `${[CHANGE, ADVANCED_EXECUTION(''), ALL_RUNS, TASKS, PARENT].join(',\n')} ${OUTSIDE_ANSWER}`;
