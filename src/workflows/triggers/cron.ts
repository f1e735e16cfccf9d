import { Cron } from 'croner';
import { LRUCache } from 'lru-cache';
import { instantOf } from '../engine/time-zone.js';
import { latestReadingAt } from './latest-reading.js';

/** When something is to happen: what clocks of a zone must show. */
export interface CronSchedule {
  /** Five fields, or six with seconds in front; names of days and months, L, W, # and nicknames such as `@daily` too. */
  readonly cron: string;
  /** IANA, `Europe/Berlin`. */
  readonly timeZone: string;
}

const patterns = new LRUCache<string, Cron>({ max: 1_000 });

/** What keeps a text from being the cron expression of a schedule; undefined when nothing does. */
export function faultOfCron(cron: string): string | undefined {
  try {
    const pattern = patternOf(cron);
    if (pattern.getOnce() !== null) return 'An expression has five or six fields; this is a date.';
    return pattern.nextRun(new Date(0)) ? undefined : 'No date ever fits this expression.';
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return message.replace(/^CronPattern: (.)/, (_, first: string) => first.toUpperCase()).replace(/\.?$/, '.');
  }
}

/**
 * The first firing after an instant: once for each local time that fits. A local time that clocks skip fires at the
 * first instant after the gap, together with others that do; one that they show twice fires when it is shown first.
 * @returns undefined when none comes any more
 */
export function nextFiring({ cron, timeZone }: CronSchedule, after: Date): Date | undefined {
  const reading = patternOf(cron).nextRun(new Date(latestReadingAt(after.getTime(), timeZone)));
  return reading ? new Date(instantOf(reading.getTime(), timeZone)) : undefined;
}

/** The first firings after an instant, at most `count`. */
export function nextFirings(schedule: CronSchedule, after: Date, count: number): Date[] {
  const firings: Date[] = [];
  for (let last: Date | undefined = after; firings.length < count; firings.push(last)) {
    last = nextFiring(schedule, last);
    if (!last) break;
  }
  return firings;
}

/** The pattern alone, over readings of clocks: in a zone of its own the library fires twice in a doubled hour. */
function patternOf(cron: string): Cron {
  let pattern = patterns.get(cron);
  if (!pattern) patterns.set(cron, (pattern = new Cron(cron, { utcOffset: 0, mode: '5-or-6-parts' })));
  return pattern;
}
