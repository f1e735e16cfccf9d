import { BEAT_FRAME, endFrame, OPENING_FRAME } from './event-frame.js';
import type { EventPlace } from './event-place.js';
import type { ExecutionWatch } from './execution-watch.js';
import type { EventReading, FollowedExecution, TransitionEvents } from './transition-events.js';

export interface ExecutionStreamDependencies {
  readonly events: Pick<TransitionEvents, 'after'>;
  readonly watch: Pick<ExecutionWatch, 'moved'>;
  /** Milliseconds between two signs of life. */
  readonly beatEveryMs: number;
}

/** Who follows what, from where. */
export interface Follower {
  readonly followed: FollowedExecution;
  /** The place after which they go on. */
  readonly after: EventPlace;
  /** What stood there when they came. */
  readonly first: EventReading;
  /** Whether they may still see it; asked at each beat. */
  readonly mayGoOn: () => Promise<boolean>;
  /** Fires when they are gone, or the process ends. */
  readonly signal: AbortSignal;
}

/**
 * What one client is sent: each transition once and in order, signs of life, and `end` when the execution has come to
 * its end. It is pulled, so that a client who does not read makes nothing be read for it.
 */
export async function* executionStream(
  dependencies: ExecutionStreamDependencies,
  follower: Follower,
): AsyncGenerator<string, void> {
  const { watch, beatEveryMs } = dependencies;
  const { followed, mayGoOn, signal } = follower;
  let { first: reading, after: place } = follower;
  let beatAt = performance.now() + beatEveryMs;
  yield OPENING_FRAME;
  while (!signal.aborted) {
    for (const event of reading.events) {
      yield event.frame;
      place = event.place;
    }
    if (isOver(reading)) break;
    const limits = { atMostMs: beatAt - performance.now(), signal };
    const isBehind = reading.isFull || (await watch.moved(followed.executionId, reading.version, limits));
    if (performance.now() >= beatAt) {
      if (!(await mayGoOn())) return;
      yield BEAT_FRAME;
      beatAt = performance.now() + beatEveryMs;
    }
    reading = isBehind ? await dependencies.events.after(followed, place) : { ...reading, events: [] };
  }
  if (isOver(reading)) yield endFrame(reading.status);
}

const isOver = ({ hasEnded, isFull }: EventReading): boolean => hasEnded && !isFull;
