import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../kernel/domain-error.js';
import { timeOfId } from '../../kernel/id.js';
import { Sql } from '../../platform/database/sql.js';
import type { Actor } from '../../platform/http/actor.js';
import { STORED_EVENT_COLUMNS, type StoredEventRow } from '../store/stored-event.js';
import { eventViewOf, type EventView } from './event-view.js';

export class GetEvent extends Query<EventView> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetEvent)
export class GetEventHandler implements IQueryHandler<GetEvent> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, id }: GetEvent): Promise<EventView> {
    return eventViewOf(await readEvent(this.sql, actor.organizationId, id));
  }
}

/** One row; the time inside its id names the partition. @throws not-found */
export async function readEvent(sql: Sql, organizationId: string, id: string): Promise<StoredEventRow> {
  const [row] = await sql.read<StoredEventRow & Record<string, unknown>>(
    organizationId,
    `select ${STORED_EVENT_COLUMNS} from events event
     where event.organization_id = $1 and event.id = $2 and event.occurred_at = to_timestamp($3::float8 / 1000)`,
    [organizationId, id, timeOfId(id).getTime()],
  );
  if (!row) throw notFound('Event', id);
  return row;
}
