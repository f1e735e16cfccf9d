/** What other contexts may use of the event store. */
export { appendEvents, wakeRelay } from './append-statement.js';
export {
  concealAll,
  type DataKey,
  decryptAll,
  encryptedValue,
  escaped,
  escapeLookalikes,
  keyIdsIn,
  type KeyState,
  type Stand,
} from './erasure/encrypted-values.js';
export { ErasureMetrics } from './erasure/erasure-metrics.js';
export { READ_SENSITIVE, SensitiveReads } from './erasure/sensitive-reads.js';
export { organizationAsSubject, subjectName, SubjectKeys } from './erasure/subject-keys.js';
export { EventTypes, type EventType } from './event-types.js';
export { eventRow, type HashedEvent } from './event-row.js';
export { Installation } from './installation.js';
export { Recorder, type DurableRecord } from './recorder.js';
export { MAX_DEPTH, Reactions, type Reaction, type StoredEvent } from './delivery/reactions.js';
export { eventViewOf, type EventView } from './queries/event-view.js';
export { STORED_EVENT_COLUMNS, type StoredEventRow } from './store/stored-event.js';
export { Unit, UnitOfWork, type Cause, type Versioned } from './unit-of-work.js';
