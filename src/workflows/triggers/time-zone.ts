import { LRUCache } from 'lru-cache';

const ONE_DAY_MS = 86_400_000;

/** Formatters are dear to make; one zone takes about 10 KB. */
const formatters = new LRUCache<string, Intl.DateTimeFormat>({ max: 500 });

/** Whether a text names a time zone of the IANA database, such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  // Some runtimes take offsets such as +01:00 too, which know no summer time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * What clocks of a zone show at an instant, both in milliseconds since 1970: the reading is given as the instant at
 * which clocks in UTC show the same. @throws RangeError for a zone that is none
 */
export function wallClockAt(timeZone: string, instant: number): number {
  const text = formatterOf(timeZone).format(instant);
  const [month, day, year, hour, minute, second] = text.match(/\d+/g)!.map(Number) as [number, ...number[]];
  const milliseconds = ((instant % 1000) + 1000) % 1000;
  return Date.UTC(year!, month - 1, day, hour, minute, second, milliseconds);
}

/**
 * The first instant at which clocks of a zone show a reading or, when they skip it, have gone past it. So a reading
 * that comes twice has its first instant, and one that never comes the first one after the gap.
 */
export function firstInstantOf(timeZone: string, reading: number): number {
  const before = reading - offsetAt(timeZone, reading - ONE_DAY_MS);
  const after = reading - offsetAt(timeZone, reading + ONE_DAY_MS);
  const [earlier, later] = [Math.min(before, after), Math.max(before, after)];
  if (wallClockAt(timeZone, earlier) === reading) return earlier;
  if (wallClockAt(timeZone, later) === reading) return later;
  return changeWithin(timeZone, earlier, later);
}

/** The latest reading that clocks of a zone have shown up to an instant: more than the present one after they were set back. */
export function latestReadingAt(timeZone: string, instant: number): number {
  const reading = wallClockAt(timeZone, instant);
  const first = firstInstantOf(timeZone, reading);
  if (first === instant) return reading;
  return wallClockAt(timeZone, changeWithin(timeZone, first, instant) - 1);
}

const offsetAt = (timeZone: string, instant: number): number => wallClockAt(timeZone, instant) - instant;

/** The instant after `start` and up to `end` at which the zone's offset changes; there is exactly one. */
function changeWithin(timeZone: string, start: number, end: number): number {
  const offset = offsetAt(timeZone, start);
  let [unchanged, changed] = [start, end];
  while (changed - unchanged > 1) {
    const middle = Math.floor((unchanged + changed) / 2);
    if (offsetAt(timeZone, middle) === offset) unchanged = middle;
    else changed = middle;
  }
  return changed;
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    const numeric = 'numeric';
    formatter = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      ...{ timeZone, hourCycle: 'h23' },
      ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}
