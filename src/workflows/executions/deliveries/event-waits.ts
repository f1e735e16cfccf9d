import type { EntityManager } from '@mikro-orm/postgresql';
import type { StepRunKey } from '../../engine/state.js';

/** A run that waits for an event of a type, and for one value at one place when it says so. */
export interface EventWait extends Pick<StepRunKey, 'stepId' | 'scope'> {
  readonly stepRunId: string;
  readonly executionId: string;
  readonly workflowId: string;
  readonly definitionVersion: number;
}

/** Which fields the waits of a type look at; '' stands for those that take every event. */
export interface MatchedField {
  readonly eventType: string;
  readonly field: string;
}

/** A field with the value that an event has there. */
export interface SoughtValue extends MatchedField {
  readonly value: string;
  /** Of the event: the one that started an execution is not what the execution then waits for. */
  readonly eventId: string;
}

const OF_TYPE = `organization_id = ? and status = 'waiting' and event_type is not null and delivered is null and event_type`;

// From one field to the next by the index, however many wait for each.
const FIELDS = `with recursive found as (
    select wanted.event_type, first.match_field
    from jsonb_array_elements_text(?::jsonb) as wanted(event_type), lateral (
      select match_field from workflow_step_runs where ${OF_TYPE} = wanted.event_type
      order by match_field limit 1) first
    union all
    select found.event_type, next.match_field
    from found, lateral (
      select match_field from workflow_step_runs where ${OF_TYPE} = found.event_type and match_field > found.match_field
      order by match_field limit 1) next
  )
  select event_type as "eventType", match_field as field from found`;

/** The fields that are to be read of events of these types. */
export function matchedFields(
  em: EntityManager,
  organizationId: string,
  eventTypes: ReadonlySet<string>,
): Promise<MatchedField[]> {
  return em.execute<MatchedField[]>(FIELDS, [JSON.stringify([...eventTypes]), organizationId, organizationId]);
}

const MATCHING = `select run.id as "stepRunId", run.execution_id as "executionId", run.step_id as "stepId", run.scope,
    e.workflow_id as "workflowId", e.definition_version as "definitionVersion"
  from workflow_step_runs run
  join workflow_executions e on e.organization_id = run.organization_id and e.id = run.execution_id
  where run.organization_id = ? and run.event_type = ? and run.match_field = ?
    and run.match_value = ? and run.status = 'waiting' and run.event_type is not null and run.delivered is null
    and run.id > ? and e.variables #>> '{event,id}' is distinct from ?
  order by run.id limit ?`;

/** Up to `limit` runs that wait for this value, those after `after` in the order of their ids. */
export function matchingWaits(
  em: EntityManager,
  organizationId: string,
  { eventType, field, value, eventId }: SoughtValue,
  page: { readonly after: string; readonly limit: number },
): Promise<EventWait[]> {
  const values = [organizationId, eventType, field, value, page.after, eventId, page.limit];
  return em.execute<EventWait[]>(MATCHING, values);
}
