import { instantOf, wallClockOf } from '../engine/time-zone.js';

/**
 * The latest reading that clocks of a zone have shown up to an instant, in milliseconds as if they showed UTC: after
 * they were set back it is that of the last moment before, until they have caught up with it.
 */
export function latestReadingAt(instant: number, timeZone: string): number {
  const reading = wallClockOf(instant, timeZone);
  const first = instantOf(reading, timeZone);
  if (first === instant) return reading;
  return wallClockOf(changeWithin(first, instant, timeZone) - 1, timeZone);
}

/** The instant after `start` and up to `end` at which the zone's offset changes; there is exactly one. */
function changeWithin(start: number, end: number, timeZone: string): number {
  const offsetAt = (instant: number): number => wallClockOf(instant, timeZone) - instant;
  const offset = offsetAt(start);
  let [unchanged, changed] = [start, end];
  while (changed - unchanged > 1) {
    const middle = Math.floor((unchanged + changed) / 2);
    if (offsetAt(middle) === offset) unchanged = middle;
    else changed = middle;
  }
  return changed;
}
