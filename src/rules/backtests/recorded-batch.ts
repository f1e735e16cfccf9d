import type { Sql } from '../../platform/database/sql.js';
import type { RecordedScope, TrailPlace } from './backtest-process.messages.js';

/** Events of the trail that one batch looks at; with a share of the time as large a part, so that others wait less. */
const BATCH_EVENTS = 500;
/** No more is read once the payloads have so many bytes: they are in memory as text and as values, also those sent to be opened. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** A recorded decision as it is stored; `payload` is JSON. */
export interface StoredDecision {
  readonly id: string;
  readonly payload: string;
}

/** Recorded decisions next in the trail. */
export interface RecordedBatch {
  /** All of the entry point, and a few that only name it. */
  readonly decisions: readonly StoredDecision[];
  /** The last event that was looked at; absent at the end. */
  readonly cursor: TrailPlace | undefined;
}

interface ScannedRow extends Record<string, unknown> {
  readonly id: string;
  readonly occurred_at: Date;
  /** Null when it is no decision of the entry point. */
  readonly payload: string | null;
}

/** Reads a bounded part of the trail, however few decisions of one entry point are in it, as they are stored. */
export async function readBatch(
  sql: Sql,
  { organizationId, entryPoint, sample, to, cpuShare }: RecordedScope,
  cursor: TrailPlace,
): Promise<RecordedBatch> {
  const bounds = [Math.ceil(BATCH_EVENTS * cpuShare), BATCH_BYTES];
  const name = Buffer.from(`"entryPoint":${JSON.stringify(entryPoint)}`);
  const values = [organizationId, cursor.at, cursor.id, to, ...bounds, name, Math.ceil(sample * SAMPLE_BUCKETS)];
  const rows = await sql.read<ScannedRow>(organizationId, SELECT_BATCH, values, 'recorded-batch');
  const last = rows.at(-1);
  return {
    decisions: rows.flatMap(({ id, payload }) => (payload === null ? [] : [{ id, payload }])),
    cursor: last && { at: last.occurred_at.toISOString(), id: last.id },
  };
}

/** The last 28 bits of a UUID v7 are random, and stay the same. */
const SAMPLE_BUCKETS = 2 ** 28;

// Looking for the name in the bytes is cheap and finds all decisions of the entry point; what it finds too much is
// left out once the payload was read.
const SELECT_BATCH = `
  select event.id, event.occurred_at, wanted.payload
  from (
    select *, sum(octet_length(payload)) over (order by occurred_at, id) - octet_length(payload) as bytes_before
    from (
      select id, occurred_at, type, payload from events
      where organization_id = $1 and occurred_at >= $2 and (occurred_at, id) > ($2, $3) and occurred_at < $4
      order by occurred_at, id limit $5
    ) as next
  ) as event
  left join lateral (
    select convert_from(event.payload, 'UTF8') as payload
    where event.type = 'rules.executed' and position($7::bytea in event.payload) > 0
      and ('x' || right(event.id::text, 7))::bit(28)::int < $8
  ) as wanted on true
  where event.bytes_before < $6
  order by event.occurred_at, event.id`;
