import { isUtf8 } from 'node:buffer';
import type { StoredEvent } from '../proof/trail.js';

/** A row of `events` as `STORED_EVENT_COLUMNS` gives it: everything in the words of the proof, the payload as bytes. */
export type StoredEventRow = Omit<StoredEvent, 'payload'> & { readonly payload: Buffer };

/** The columns of `event` that `storedEventOf` takes. */
export const STORED_EVENT_COLUMNS = `event.epoch, event.tx::text as tx, event.position::text as position, event.id,
  to_char(event.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "occurredAt",
  event.organization_id as "organizationId", event.stream, event.stream_version as "streamVersion", event.ordinal,
  event.type, event.version, event.subject_type as "subjectType", event.subject_id as "subjectId",
  event.actor_type as "actorType", event.actor_id as "actorId", event.correlation_id as "correlationId",
  event.causation_id as "causationId", event.depth, event.published, encode(event.leaf_hash, 'hex') as "leafHash",
  event.payload`;

/** The event as the proof hashes it. */
export const storedEventOf = ({ payload, ...row }: StoredEventRow): StoredEvent => ({
  ...row,
  payload: payloadText(payload),
});

/** Bytes that are no text can only have been put there afterwards; their reading must not look like any payload. */
function payloadText(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString() : `not UTF-8: ${bytes.toString('hex')}`;
}
