/** What other contexts may use of the event store. */
export { appendEvents, wakeRelay } from './append-statement.js';
export { EventTypes, type EventType } from './event-types.js';
export { eventRow, type HashedEvent } from './event-row.js';
export { Installation } from './installation.js';
export { Recorder, type DurableRecord } from './recorder.js';
export { MAX_DEPTH, Reactions, type Reaction, type StoredEvent } from './delivery/reactions.js';
export { Unit, UnitOfWork, type Cause, type Versioned } from './unit-of-work.js';
