import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { encodeCursor, Page } from '../../kernel/page.js';
import { Sql } from '../../platform/database/sql.js';
import type { Actor } from '../../platform/http/actor.js';
import { EventTypes, type EventType } from '../event-types.js';
import { STORED_EVENT_COLUMNS, type StoredEventRow } from '../store/stored-event.js';
import { eventViewOf, placeOf, type EventView } from './event-view.js';
import type { EventWindow } from './list-events.js';

/** What happened to a subject, with a sentence for people. */
export interface TimelineEntry extends EventView {
  readonly sentence: string;
}

export interface TimelineSubject {
  readonly subjectType: string;
  readonly subjectId: string;
}

export class SubjectTimeline extends Query<Page<TimelineEntry>> {
  constructor(
    readonly actor: Actor,
    readonly subject: TimelineSubject,
    readonly window: EventWindow,
  ) {
    super();
  }
}

@QueryHandler(SubjectTimeline)
export class SubjectTimelineHandler implements IQueryHandler<SubjectTimeline> {
  constructor(
    private readonly sql: Sql,
    private readonly eventTypes: EventTypes,
  ) {}

  /** Oldest first, by (occurred_at, id). A subject that nothing happened to, or another organization's, has none. */
  async execute({ actor, subject, window: { limit, cursor } }: SubjectTimeline): Promise<Page<TimelineEntry>> {
    const rows = await this.sql.read<StoredEventRow & Record<string, unknown>>(
      actor.organizationId,
      `select ${STORED_EVENT_COLUMNS} from events event
       where event.organization_id = $1 and event.subject_id = $2 and event.subject_type = $3
         and ($4::timestamptz is null or (event.occurred_at, event.id) > ($4::timestamptz, $5::uuid))
       order by event.occurred_at, event.id limit $6`,
      [actor.organizationId, subject.subjectId, subject.subjectType, ...placeOf(cursor), limit + 1],
    );
    const items = rows.slice(0, limit).map((row) => this.entryOf(row));
    const last = items.at(-1);
    const more = rows.length > limit && last ? { nextCursor: encodeCursor([last.occurredAt, last.id]) } : {};
    return new Page(items, { limit, ...more });
  }

  private entryOf(row: StoredEventRow): TimelineEntry {
    const view = eventViewOf(row);
    const type = this.eventTypes.has(view.type) ? this.eventTypes.get(view.type) : undefined;
    return { ...view, sentence: sentenceOf(view.type, type) };
  }
}

/** What happened, out of the type's description: `A lead came in.`; out of its name when this build knows it no more. */
export function sentenceOf(name: string, type: EventType | undefined): string {
  const words = type?.description ?? name.slice(name.indexOf('.') + 1).replaceAll('-', ' ');
  const [statement = ''] = words.split(/[.:;](?:\s|$)/);
  return `${statement.charAt(0).toUpperCase()}${statement.slice(1)}.`;
}
