import { reactionJobs, type Delivery } from './reaction-jobs.js';
import type { Connection, Cursor } from '../cursor.js';
import type { Reaction } from './reactions.js';
import type { QueuedJob } from '../../platform/queue/queues.js';

/** The name of the relay's checkpoint. */
export const RELAY_CHECKPOINT = 'reactions';

/** Most events of one reading. */
export const MAX_BATCH = 500;

/** A published event as the relay sees it. */
export interface PublishedEvent extends Cursor {
  readonly id: string;
  readonly organizationId: string;
  readonly type: string;
}

/**
 * Published events after a place, in order, at most 500. A transaction that is still open may yet commit rows before
 * those of a later one, so the reading ends before the oldest open one; rows of an older epoch are all committed.
 */
export async function readPublished(connection: Connection, after: Cursor, epoch: number): Promise<PublishedEvent[]> {
  const { rows } = await connection.query<PublishedEvent>({
    name: 'relay-read',
    text: `select e.epoch, e.tx::text as tx, e.position::text as position, e.id, e.organization_id as "organizationId", e.type
      from events e
      where e.published and (e.epoch, e.tx, e.position) > ($1::smallint, $2::xid8, $3::bigint)
        and (e.epoch, e.tx) < ($4::smallint, pg_snapshot_xmin(pg_current_snapshot()))
      order by e.epoch, e.tx, e.position limit ${MAX_BATCH}`,
    values: [after.epoch, after.tx, after.position, epoch],
  });
  return rows;
}

/** The jobs that tell each reaction of the events it waits for. */
export function jobsFor(events: readonly PublishedEvent[], reactions: readonly Reaction[]): QueuedJob[] {
  const deliveries = reactions.flatMap(({ name, eventTypes }): Delivery[] =>
    events
      .filter(({ type }) => eventTypes.includes(type))
      .map(({ id, organizationId }) => ({ reaction: name, organizationId, eventId: id })),
  );
  return reactionJobs(deliveries);
}

/** Moves the relay's checkpoint. @throws Error when somebody else moved it meanwhile */
export async function moveCheckpoint(connection: Connection, from: Cursor, to: Cursor): Promise<void> {
  const { rowCount } = await connection.query({
    name: 'relay-move',
    text: `update relay_checkpoints set epoch = $1, tx = $2::xid8, position = $3
      where name = '${RELAY_CHECKPOINT}' and (epoch, tx, position) = ($4::smallint, $5::xid8, $6::bigint)`,
    values: [to.epoch, to.tx, to.position, from.epoch, from.tx, from.position],
  });
  if (rowCount !== 1) throw new Error('Another relay moved the checkpoint; this one steps back.');
}
