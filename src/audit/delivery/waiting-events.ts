import { timeOfId } from '../../kernel/id.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Sql } from '../../platform/database/sql.js';
import type { ReactionJob } from './reaction-jobs.js';
import type { Reaction, StoredEvent } from './reactions.js';

interface Row {
  id: string;
  type: string;
  version: number;
  organization_id: string;
  occurred_at: Date;
  subject_type: string;
  subject_id: string;
  stream: string;
  stream_version: number;
  actor_type: string;
  actor_id: string;
  correlation_id: string;
  causation_id: string | null;
  depth: number;
  payload: string;
  [column: string]: unknown;
}

/**
 * The events of a job that its reaction is to handle now: those of the organization, of the types it waits for, not
 * put off after a failure. The ids carry their times, which name the partitions.
 */
export async function readWaitingEvents(sql: Sql, reaction: Reaction, job: ReactionJob): Promise<StoredEvent[]> {
  const times = job.eventIds.map(timeOfId);
  const milliseconds = times.map((time) => time.getTime());
  const bounds = [new Date(Math.min(...milliseconds)), new Date(Math.max(...milliseconds))];
  const rows = await sql.read<Row>(
    job.organizationId,
    `select e.id, e.type, e.version, e.organization_id, e.occurred_at, e.subject_type, e.subject_id, e.stream,
       e.stream_version, e.actor_type, e.actor_id, e.correlation_id, e.causation_id, e.depth,
       convert_from(e.payload, 'UTF8') as payload
     from unnest($1::timestamptz[], $2::uuid[]) as wanted(occurred_at, id)
     join events e on e.occurred_at = wanted.occurred_at and e.id = wanted.id
     where e.occurred_at between $3 and $4 and e.published and e.type = any($5) and not exists (
       select from reaction_failures f
       where f.organization_id = e.organization_id and f.consumer = $6 and f.event_id = e.id
         and f.next_attempt_at > clock_timestamp())
     order by e.epoch, e.tx, e.position`,
    [times, job.eventIds, ...bounds, reaction.eventTypes, reaction.name],
  );
  return rows.map(toEvent);
}

const toEvent = (row: Row): StoredEvent => ({
  id: row.id,
  type: row.type,
  version: row.version,
  organizationId: row.organization_id,
  occurredAt: row.occurred_at,
  subject: { type: row.subject_type, id: row.subject_id },
  stream: row.stream,
  streamVersion: row.stream_version,
  actor: { type: row.actor_type, id: row.actor_id },
  correlationId: row.correlation_id,
  causationId: row.causation_id ?? undefined,
  depth: row.depth,
  payload: JSON.parse(row.payload) as JsonObject,
});
