import { canonicalJson } from '../kernel/canonical-json.js';
import type { DomainEvent, Subject } from '../kernel/domain-event.js';
import { newId, timeOfId } from '../kernel/id.js';
import type { Actor } from '../platform/http/actor.js';
import type { EventType } from './event-types.js';
import { leafHash, type AuditEventRow } from './proof/leaf-hash.js';

/** An event as it is stored, with the hash that the tree will hold. */
export interface HashedEvent {
  readonly row: AuditEventRow;
  readonly leafHash: Buffer;
}

/** Where an event stands: which aggregate told it, at which of its versions, as which of that version's events. */
export interface EventPlace {
  readonly epoch: number;
  /** Type and id of the aggregate, which is also the subject unless the cause has one. */
  readonly source: Subject;
  readonly streamVersion: number;
  readonly ordinal: number;
  /** Given by a caller that must know the id before the event is written. */
  readonly id?: string;
}

/** Completes what happened with who, when, why and where, and hashes it. */
export function eventRow(actor: Actor, event: DomainEvent, type: EventType, place: EventPlace): HashedEvent {
  const id = place.id ?? newId();
  const subject = actor.subject ?? place.source;
  const row: AuditEventRow = {
    epoch: place.epoch,
    id,
    occurredAt: timeOfId(id).toISOString(),
    organizationId: actor.organizationId,
    stream: `${place.source.type}:${place.source.id}`,
    streamVersion: place.streamVersion,
    ordinal: place.ordinal,
    type: event.type,
    version: event.version,
    subjectType: subject.type,
    subjectId: subject.id,
    actorType: actor.type,
    actorId: actor.id,
    correlationId: actor.correlationId,
    causationId: actor.causationId ?? null,
    depth: actor.depth,
    published: type.isPublished,
    payload: canonicalJson(event.payload),
  };
  return { row, leafHash: leafHash(row) };
}
