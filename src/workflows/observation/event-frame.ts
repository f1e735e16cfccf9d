import type { EventView } from '../../audit/audit.contract.js';
import type { ExecutionStatus } from '../engine/status.js';
import { formatPlace, type EventPlace } from './event-place.js';

/** How soon a client comes back after a cut, milliseconds. */
const RETRY_MS = 2_000;
/** So late does a client come back that takes the end for a cut. */
const RETRY_AFTER_END_MS = 3_600_000;

/** The first thing in a stream. */
export const OPENING_FRAME = `retry: ${RETRY_MS}\n\n`;

/** A sign of life: a comment, which clients pass over. */
export const BEAT_FRAME = ': still here\n\n';

/** One event as `text/event-stream` has it: its place, its type, and all of it as JSON, which has no line breaks. */
export const eventFrame = (place: EventPlace, view: EventView): string =>
  `id: ${formatPlace(place)}\nevent: ${view.type}\ndata: ${JSON.stringify(view)}\n\n`;

/** The last thing in a stream; without an id, so that a client which comes back still names its last event. */
export const endFrame = (status: ExecutionStatus): string =>
  `retry: ${RETRY_AFTER_END_MS}\nevent: end\ndata: ${JSON.stringify({ status })}\n\n`;
