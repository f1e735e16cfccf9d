import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { encodeCursor, Page } from '../../kernel/page.js';
import { Sql } from '../../platform/database/sql.js';
import type { Actor } from '../../platform/http/actor.js';
import { STORED_EVENT_COLUMNS, type StoredEventRow } from '../store/stored-event.js';
import { eventViewOf, placeOf, type EventView } from './event-view.js';

/** Most rows that are looked at for one page. */
const MAX_SCANNED_ROWS = 5_000;

/** Which events to list; what is absent does not restrict. */
export interface EventFilter {
  readonly stream?: string;
  readonly type?: string;
  readonly subjectType?: string;
  readonly subjectId?: string;
  /** A rule that matched or failed. */
  readonly ruleId?: string;
  readonly actorId?: string;
  readonly correlationId?: string;
  /** Inclusive. */
  readonly from?: string;
  /** Exclusive. */
  readonly to?: string;
}

/** A part of the list, newest first: where to go on, and at most how many. */
export interface EventWindow {
  readonly limit: number;
  readonly cursor?: string;
}

export class ListEvents extends Query<Page<EventView>> {
  constructor(
    readonly actor: Actor,
    readonly filter: EventFilter,
    readonly window: EventWindow,
  ) {
    super();
  }
}

interface ScannedRow extends Record<string, unknown> {
  readonly scannedRows: number;
  readonly lastAt: string | null;
  readonly lastId: string | null;
}

@QueryHandler(ListEvents)
export class ListEventsHandler implements IQueryHandler<ListEvents> {
  constructor(private readonly sql: Sql) {}

  /**
   * Newest first. One filter leads through an index; the others pick among at most 5,000 rows of it, so a page may be
   * short or empty while its cursor leads on. Nothing is counted: a trail only grows.
   */
  async execute({ actor, filter, window: { limit, cursor } }: ListEvents): Promise<Page<EventView>> {
    const { text, scans } = statementFor(filter, limit);
    const values = filters.map((name) => filter[name] ?? null);
    const rows = await this.sql.read<ScannedRow & StoredEventRow>(actor.organizationId, text, [
      actor.organizationId,
      ...values,
      ...placeOf(cursor),
    ]);
    const [scan] = rows;
    const found = rows.filter(({ id }) => id !== null);
    const items = found.slice(0, limit).map(eventViewOf);
    const last = items.at(-1);
    if (found.length > limit && last) return pageUpTo(items, limit, [last.occurredAt, last.id]);
    const isExhausted = !scan || scan.scannedRows < scans;
    return pageUpTo(items, limit, isExhausted ? undefined : [scan.lastAt, scan.lastId]);
  }
}

/** In the order of the statement's parameters, from $2 on. */
const filters = [
  'correlationId',
  'subjectId',
  'ruleId',
  'subjectType',
  'type',
  'actorId',
  'stream',
  'from',
  'to',
] as const satisfies readonly (keyof EventFilter)[];

const pageUpTo = (
  items: readonly EventView[],
  limit: number,
  place: readonly (string | null)[] | undefined,
): Page<EventView> => new Page(items, place ? { limit, nextCursor: encodeCursor(place) } : { limit });

const conditions = {
  correlationId: 'event.correlation_id = $2',
  subjectId: 'event.subject_id = $3',
  ruleId: `exists (select from rule_matches found where found.organization_id = $1 and found.rule_id = $4
    and found.occurred_at = event.occurred_at and found.event_id = event.id)`,
  subjectType: 'event.subject_type = $5',
  type: 'event.type = $6',
  actorId: 'event.actor_id = $7',
  stream: 'event.stream = $8',
} satisfies Partial<Record<keyof EventFilter, string>>;

type Condition = keyof typeof conditions;

/** The filters that have an index of their own, the most selective first. */
const leading = ['correlationId', 'subjectId', 'ruleId'] as const;

const SCANNED = 'event.correlation_id, event.subject_id, event.subject_type, event.type, event.actor_id, event.stream';

/** The same parameters for every statement; PostgreSQL must be told the types of those that one does not mention. */
const PARAMETERS = `select $2::text, $3::uuid, $4::uuid, $5::text, $6::text, $7::uuid, $8::text`;

function statementFor(filter: EventFilter, limit: number): { text: string; scans: number } {
  const leader = leading.find((name) => filter[name] !== undefined);
  const others = (Object.keys(conditions) as Condition[]).filter(
    (name) => name !== leader && filter[name] !== undefined,
  );
  const scans = others.length === 0 ? limit + 1 : MAX_SCANNED_ROWS;
  const text = `
    with parameters as (${PARAMETERS}),
    scanned as materialized (${leader === 'ruleId' ? scanByRule(scans) : scanOf(leader && conditions[leader], scans)}),
    matched as (
      select event.occurred_at, event.id from scanned event
      where ${['true', ...others.map((name) => conditions[name])].join(' and ')}
      order by event.occurred_at desc, event.id desc limit ${limit + 1}
    ),
    last as (select occurred_at, id from scanned order by occurred_at, id limit 1),
    scan as (
      select (select count(*)::integer from scanned) as "scannedRows",
        (select to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') from last) as "lastAt",
        (select id from last) as "lastId"
    )
    select scan.*, found.* from scan left join (
      select ${STORED_EVENT_COLUMNS}
      from matched join events event on event.occurred_at = matched.occurred_at and event.id = matched.id
    ) as found on true
    order by found."occurredAt" desc, found.id desc`;
  return { text, scans };
}

const WITHIN = `
  and %.occurred_at >= coalesce($9::timestamptz, '-infinity') and %.occurred_at < coalesce($10::timestamptz, 'infinity')
  and ($11::timestamptz is null or (%.occurred_at, %.#) < ($11::timestamptz, $12::uuid))`;

const within = (table: string, id: string): string => WITHIN.replaceAll('%', table).replaceAll('#', id);

const scanOf = (condition: string | undefined, scans: number): string => `
  select event.occurred_at, event.id, ${SCANNED} from events event
  where event.organization_id = $1 ${condition ? `and ${condition}` : ''} ${within('event', 'id')}
  order by event.occurred_at desc, event.id desc limit ${scans}`;

const scanByRule = (scans: number): string => `
  select event.occurred_at, event.id, ${SCANNED}
  from (
    select found.occurred_at, found.event_id from rule_matches found
    where found.organization_id = $1 and found.rule_id = $4 ${within('found', 'event_id')}
    order by found.occurred_at desc, found.event_id desc limit ${scans}
  ) as found
  join events event on event.occurred_at = found.occurred_at and event.id = found.event_id`;
