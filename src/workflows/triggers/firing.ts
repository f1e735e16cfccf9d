import { wallClockOf } from '../engine/time-zone.js';

/** A firing as it is shown. */
export interface Firing {
  readonly at: Date;
  /** What clocks of the schedule's zone show then, `2027-03-28T03:00:00+02:00`. */
  readonly localTime: string;
}

export function firingAt(at: Date, timeZone: string): Firing {
  const reading = wallClockOf(at.getTime(), timeZone);
  const minutes = Math.round((reading - at.getTime()) / 60_000);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const offset = [hours, rest].map((number) => String(number).padStart(2, '0')).join(':');
  return { at, localTime: `${new Date(reading).toISOString().slice(0, 19)}${minutes < 0 ? '-' : '+'}${offset}` };
}
