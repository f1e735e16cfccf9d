import { type CronSchedule, nextFiring } from './cron.js';

/** What becomes of firings that found nobody to do them: none, one for all, or each of them is made up for. */
export type MissedPolicy = 'skip' | 'once' | 'all';

/** A firing that is found later than this was missed; before, it is only late. */
export const MISSED_AFTER_MS = 60_000;

/** So many are made up for at one look; the next look goes on. */
export const MAX_CAUGHT_UP = 100;

export interface KeptSchedule extends CronSchedule {
  readonly missed: MissedPolicy;
}

/** What a look at a schedule finds. */
export interface DueFirings {
  /** What is to be done now, in order. */
  readonly firings: readonly Date[];
  /** The first and the last of the firings that were missed, when not each of them is made up for. */
  readonly passedOver: { readonly first: Date; readonly last: Date } | undefined;
  /** When the schedule is to be looked at again, which may be now. Undefined when no firing comes any more. */
  readonly nextAt: Date | undefined;
}

/** What a schedule has to do at `now` whose first firing that nobody has looked at yet is `dueAt`, not after `now`. */
export function dueFirings(schedule: KeptSchedule, dueAt: Date, now: Date): DueFirings {
  const lastMissed = latestMissed(schedule, dueAt, now);
  if (schedule.missed === 'all') return { ...walk(schedule, dueAt, now), passedOver: undefined };
  const onTime = walk(schedule, lastMissed ? nextFiring(schedule, lastMissed) : dueAt, now);
  if (!lastMissed) return { ...onTime, passedOver: undefined };
  // A firing that is on time does for those before it what one that makes up for them would do.
  const isMadeUpFor = schedule.missed === 'once' && onTime.firings.length === 0;
  const isAlone = lastMissed.getTime() === dueAt.getTime();
  return {
    firings: isMadeUpFor ? [lastMissed] : onTime.firings,
    passedOver: isMadeUpFor && isAlone ? undefined : { first: dueAt, last: lastMissed },
    nextAt: onTime.nextAt,
  };
}

/** The firings from the first one up to `now`, as many as one look takes. */
function walk(schedule: CronSchedule, first: Date | undefined, now: Date): Omit<DueFirings, 'passedOver'> {
  const firings: Date[] = [];
  let nextAt = first;
  while (nextAt && nextAt <= now && firings.length < MAX_CAUGHT_UP) {
    firings.push(nextAt);
    nextAt = nextFiring(schedule, nextAt);
  }
  return { firings, nextAt };
}

/** The latest firing that was missed; found by halving, because there may be millions. */
function latestMissed(schedule: CronSchedule, dueAt: Date, now: Date): Date | undefined {
  const limit = now.getTime() - MISSED_AFTER_MS;
  if (dueAt.getTime() >= limit) return undefined;
  const isFollowed = (time: number): boolean => {
    const next = nextFiring(schedule, new Date(time));
    return next !== undefined && next.getTime() < limit;
  };
  let [followed, alone] = [dueAt.getTime() - 1, limit];
  while (alone - followed > 1) {
    const middle = Math.floor((followed + alone) / 2);
    if (isFollowed(middle)) followed = middle;
    else alone = middle;
  }
  return new Date(alone);
}
