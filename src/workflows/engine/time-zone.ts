import { LRUCache } from 'lru-cache';

const DAY_MS = 86_400_000;

// More than there are zones; names are taken in any spelling, so their number has no bound of its own.
const formats = new LRUCache<string, Intl.DateTimeFormat>({ max: 1_000 });

/** Whether there are local times by this name, an IANA one such as `Europe/Berlin`. */
export const isTimeZone = (name: string): boolean => {
  try {
    return /^[A-Za-z]/.test(name) && formatOf(name) !== undefined;
  } catch {
    return false;
  }
};

/** What clocks in the zone show at an instant, in milliseconds as if they showed UTC. @throws RangeError for no zone */
export const wallClockOf = (instant: number, timeZone: string): number => instant + offsetOf(instant, timeZone);

/**
 * The instant at which clocks in the zone show this: the first one when they show it twice, the first one after the gap
 * when they never do.
 */
export const instantOf = (wallClock: number, timeZone: string): number => {
  const before = offsetOf(wallClock - DAY_MS, timeZone);
  const after = offsetOf(wallClock + DAY_MS, timeZone);
  const candidates = [wallClock - before, wallClock - after];
  const shown = candidates.filter((instant) => wallClockOf(instant, timeZone) === wallClock);
  if (shown.length > 0) return Math.min(...shown);
  return firstWith(after, Math.min(...candidates), Math.max(...candidates), timeZone);
};

/** The first instant after `from` with this offset, which `to` has. */
const firstWith = (offset: number, from: number, to: number, timeZone: string): number => {
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetOf(middle, timeZone) === offset) high = middle;
    else low = middle;
  }
  return high;
};

/** Milliseconds that the zone is ahead of UTC. */
const offsetOf = (instant: number, timeZone: string): number => {
  const seconds = Math.floor(instant / 1000) * 1000;
  const parts = formatOf(timeZone).formatToParts(seconds);
  const [year, month, day, hour, minute, second] = (['year', 'month', 'day', 'hour', 'minute', 'second'] as const).map(
    (type) => Number(parts.find((part) => part.type === type)?.value),
  );
  return Date.UTC(year!, month! - 1, day, hour, minute, second) - seconds;
};

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
  const clock = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const;
  const format = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', ...numeric, ...clock });
  formats.set(timeZone, format);
  return format;
};
