import { malformed } from '../../kernel/domain-error.js';
import { isId } from '../../kernel/id.js';
import { isObject, type JsonObject } from '../../kernel/json.js';
import { decodeCursor } from '../../kernel/page.js';
import { storedEventOf, type StoredEventRow } from '../store/stored-event.js';

/** A recorded event as callers see it. */
export interface EventView {
  readonly id: string;
  readonly occurredAt: string;
  readonly type: string;
  /** Version of the payload's shape, from 1. */
  readonly typeVersion: number;
  readonly stream: string | null;
  readonly streamVersion: number | null;
  readonly ordinal: number;
  readonly subject: { readonly type: string | null; readonly id: string | null };
  readonly actor: { readonly type: string; readonly id: string | null };
  readonly correlationId: string | null;
  readonly causationId: string | null;
  readonly depth: number;
  readonly published: boolean;
  readonly epoch: number;
  /** Hex. */
  readonly leafHash: string;
  /** Null when what is stored is no JSON object any more; verification names the row. */
  readonly payload: JsonObject | null;
}

/** A row as callers see it. */
export function eventViewOf(row: StoredEventRow): EventView {
  const event = storedEventOf(row);
  return {
    id: event.id,
    occurredAt: event.occurredAt,
    type: event.type,
    typeVersion: event.version,
    stream: event.stream,
    streamVersion: event.streamVersion,
    ordinal: event.ordinal,
    subject: { type: event.subjectType, id: event.subjectId },
    actor: { type: event.actorType, id: event.actorId },
    correlationId: event.correlationId,
    causationId: event.causationId,
    depth: event.depth,
    published: event.published,
    epoch: event.epoch,
    leafHash: event.leafHash,
    payload: payloadOf(event.payload),
  };
}

/** A payload as JSON, null when it is none any more: damaged rows must still be readable, by auditors above all. */
export function payloadOf(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}

/** The place in the order (occurred_at, id) that a cursor names, nulls at the beginning. @throws malformed `bad-cursor` */
export function placeOf(cursor: string | undefined): [occurredAt: string | null, id: string | null] {
  if (cursor === undefined) return [null, null];
  const [occurredAt, id] = decodeCursor(cursor, 2);
  if (typeof occurredAt === 'string' && !Number.isNaN(Date.parse(occurredAt)) && typeof id === 'string' && isId(id))
    return [occurredAt, id];
  throw malformed('bad-cursor', 'The cursor is not one that this list gave; start again without it.', {
    parameter: 'cursor',
  });
}
