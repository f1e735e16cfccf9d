import { Readable } from 'node:stream';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type pg from 'pg';
import { Pools } from '../../platform/database/pools.js';
import type { Actor } from '../../platform/http/actor.js';
import { exportLines } from '../proof/export-format.js';
import { trailRecords, type StoredEvent, type TrailSource } from '../proof/trail.js';
import { TrailSnapshot, trailPool, type TrailRange } from '../store/trail-snapshot.js';
import { payloadOf } from './event-view.js';

/** `ndjson` can be verified without this program; `cloudevents` holds the events alone, for other systems. */
export const exportFormats = ['ndjson', 'cloudevents'] as const;

export type ExportFormat = (typeof exportFormats)[number];

/** The answer must be read to its end or destroyed: until then it holds a connection. */
export class ExportTrail extends Query<Readable> {
  constructor(
    readonly actor: Pick<Actor, 'organizationId'>,
    readonly range: TrailRange,
    readonly format: ExportFormat,
  ) {
    super();
  }
}

@QueryHandler(ExportTrail)
export class ExportTrailHandler implements IQueryHandler<ExportTrail> {
  private readonly pool: pg.Pool;

  constructor(pools: Pools) {
    this.pool = trailPool(pools);
  }

  /** @throws invalid `audit-range-reversed` */
  execute({ actor, range, format }: ExportTrail): Promise<Readable> {
    return exportOf(this.pool, { organizationId: actor.organizationId, range, format });
  }
}

export interface ExportRequest {
  readonly organizationId: string;
  readonly range: TrailRange;
  readonly format: ExportFormat;
}

/** Lines of an export as UTF-8. What is wrong with the request shows before the first of them. */
export async function exportOf(pool: pg.Pool, { organizationId, range, format }: ExportRequest): Promise<Readable> {
  const snapshot = await TrailSnapshot.open(pool, organizationId);
  try {
    const source = await snapshot.source(range);
    const lines = format === 'ndjson' ? exportLines(trailRecords(source)) : cloudEventLines(source);
    const stream = Readable.from(lines, { objectMode: false });
    return stream.once('close', () => void snapshot.close());
  } catch (error) {
    await snapshot.close();
    throw error;
  }
}

async function* cloudEventLines({ events }: TrailSource): AsyncGenerator<string> {
  for await (const event of events) yield `${JSON.stringify(cloudEventOf(event))}\n`;
}

/** An event in the words of CloudEvents 1.0; what that has no word for is an extension attribute. */
const cloudEventOf = (event: StoredEvent): object => ({
  specversion: '1.0',
  id: event.id,
  source: `/organizations/${event.organizationId}`,
  type: event.type,
  subject: `${event.subjectType}/${event.subjectId}`,
  time: event.occurredAt,
  datacontenttype: 'application/json',
  typeversion: event.version,
  stream: event.stream ?? undefined,
  streamversion: event.streamVersion ?? undefined,
  actortype: event.actorType,
  actorid: event.actorId ?? undefined,
  correlationid: event.correlationId ?? undefined,
  causationid: event.causationId ?? undefined,
  leafhash: event.leafHash,
  data: payloadOf(event.payload),
});
