import { eventViewOf, STORED_EVENT_COLUMNS, type StoredEventRow } from '../../audit/audit.contract.js';
import { notFound } from '../../kernel/domain-error.js';
import { timeOfId } from '../../kernel/id.js';
import type { Sql } from '../../platform/database/sql.js';
import type { ExecutionStatus } from '../engine/status.js';
import { eventFrame } from './event-frame.js';
import type { EventPlace } from './event-place.js';

/** Most events of one reading; what one client makes a process hold is bounded by it. */
const MAX_EVENTS = 100;
/** Clocks of processes differ, and an event carries the time of the one that wrote it. */
const CLOCKS_DIFFER_MS = 60_000;

// Events are found by what they are about, which is the execution or what it is about; few others are about it. A
// transition commits with its events and holds the execution's lock, so versions become visible in their order.
const STATEMENT = `select e.version as "executionVersion", e.status,
    e.completed_at is not null as "hasEnded", found.* from workflow_executions e
  left join lateral (
    select ${STORED_EVENT_COLUMNS} from events event
    where event.organization_id = e.organization_id and event.subject_id = any(array[e.id, e.subject_id])
      and event.occurred_at >= $5 and event.stream = 'workflow-execution:' || e.id
      and (event.stream_version, event.ordinal) > ($3, $4)
    order by event.stream_version, event.ordinal limit ${MAX_EVENTS}
  ) as found on true
  where e.organization_id = $1 and e.id = $2
  order by found."streamVersion", found.ordinal`;

type Row = Record<string, unknown> & {
  readonly executionVersion: number;
  readonly status: ExecutionStatus;
  readonly hasEnded: boolean;
} & (StoredEventRow | { readonly id: null });

/** An execution whose events somebody follows. */
export interface FollowedExecution {
  readonly organizationId: string;
  readonly executionId: string;
}

/** One event, ready to be sent. */
export interface FramedEvent {
  readonly place: EventPlace;
  readonly frame: string;
}

/** What came after a place, and where the execution stood in the same moment. */
export interface EventReading {
  readonly events: readonly FramedEvent[];
  /** Whether more may follow at once. */
  readonly isFull: boolean;
  readonly version: number;
  readonly status: ExecutionStatus;
  /** Whether it has come to its end; one that failed may yet be tried again. */
  readonly hasEnded: boolean;
}

/** Reads the transitions of executions in their order. Those who stand at the same place share one reading. */
export class TransitionEvents {
  private readonly running = new Map<string, Promise<EventReading>>();

  constructor(private readonly sql: Pick<Sql, 'read'>) {}

  /** At most 100 events after a place. @throws not-found when the organization has no such execution */
  after(followed: FollowedExecution, place: EventPlace): Promise<EventReading> {
    const key = JSON.stringify([followed.organizationId, followed.executionId, place.streamVersion, place.ordinal]);
    const running = this.running.get(key);
    if (running) return running;
    const reading = this.read(followed, place).finally(() => this.running.delete(key));
    this.running.set(key, reading);
    return reading;
  }

  private async read({ organizationId, executionId }: FollowedExecution, place: EventPlace): Promise<EventReading> {
    const rows = await this.sql.read<Row>(organizationId, STATEMENT, [
      organizationId,
      executionId,
      place.streamVersion,
      place.ordinal,
      new Date(Math.max(0, timeOfId(executionId).getTime() - CLOCKS_DIFFER_MS)),
    ]);
    const [first] = rows;
    if (!first) throw notFound('The execution', executionId);
    const events = rows.flatMap((row) => (row.id === null ? [] : [framed(row as StoredEventRow)]));
    const { executionVersion: version, status, hasEnded } = first;
    return { events, isFull: events.length === MAX_EVENTS, version, status, hasEnded };
  }
}

function framed(row: StoredEventRow): FramedEvent {
  const view = eventViewOf(row);
  const place = { streamVersion: view.streamVersion ?? 0, ordinal: view.ordinal };
  return { place, frame: eventFrame(place, view) };
}
