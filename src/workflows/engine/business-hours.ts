import type { BusinessHours } from './steps.js';
import { instantOf, wallClockOf } from './time-zone.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Even when a change of clocks swallows one week's hours, the next week has them. */
const DAYS_SEEN = 15;

/** The instant itself when it lies in business hours, or else the next one that does. */
export const nextOpening = (instant: number, { days, from, to }: BusinessHours, timeZone: string): number => {
  const today = Math.floor(wallClockOf(instant, timeZone) / DAY_MS) * DAY_MS;
  for (let day = today; day < today + DAYS_SEEN * DAY_MS; day += DAY_MS) {
    if (!days.includes(weekdayOf(day))) continue;
    const opens = instantOf(day + minutesOf(from) * MINUTE_MS, timeZone);
    const closes = instantOf(day + minutesOf(to) * MINUTE_MS, timeZone);
    if (instant < closes && opens < closes) return Math.max(instant, opens);
  }
  return instant;
};

/** Minutes after midnight of a time such as `09:00`; `24:00` is the end of the day. */
export const minutesOf = (time: string): number => {
  const [hours, minutes] = time.split(':').map(Number);
  return hours! * 60 + minutes!;
};

/** 1 Monday … 7 Sunday. */
const weekdayOf = (day: number): number => new Date(day).getUTCDay() || 7;
