import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type CronSchedule, faultOfCron, nextFiring, nextFirings } from './cron.js';

const at = (text: string): Date => new Date(text);
const after = (schedule: CronSchedule, from: string, count: number): string[] =>
  nextFirings(schedule, at(from), count).map((firing) => firing.toISOString().slice(0, 16));

describe('a daily schedule', () => {
  const daily = (cron: string, timeZone: string) => ({ cron, timeZone });

  it('fires at the first instant after a gap, and the next day as always', () => {
    expect(after(daily('30 2 * * *', 'Europe/Berlin'), '2027-03-27T12:00:00Z', 2)).toEqual([
      '2027-03-28T01:00',
      '2027-03-29T00:30',
    ]);
    expect(after(daily('30 2 * * *', 'America/New_York'), '2027-03-13T12:00:00Z', 2)).toEqual([
      '2027-03-14T07:00',
      '2027-03-15T06:30',
    ]);
    expect(after(daily('15 2 * * *', 'Australia/Lord_Howe'), '2026-10-03T12:00:00Z', 2)).toEqual([
      '2026-10-03T15:30',
      '2026-10-04T15:15',
    ]);
  });

  it('fires once in a doubled hour, when its time comes first', () => {
    expect(after(daily('30 2 * * *', 'Europe/Berlin'), '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
    expect(after(daily('30 1 * * *', 'America/New_York'), '2026-10-31T12:00:00Z', 2)).toEqual([
      '2026-11-01T05:30',
      '2026-11-02T06:30',
    ]);
    expect(after(daily('45 1 * * *', 'Australia/Lord_Howe'), '2027-04-03T12:00:00Z', 2)).toEqual([
      '2027-04-03T14:45',
      '2027-04-04T15:15',
    ]);
  });

  it('is none on the day that a zone left out', () => {
    expect(after(daily('0 12 * * *', 'Pacific/Apia'), '2011-12-29T00:00:00Z', 3)).toEqual([
      '2011-12-29T22:00',
      '2011-12-30T10:00',
      '2011-12-30T22:00',
    ]);
  });
});

describe('a schedule of intervals', () => {
  it('pauses while clocks show an hour for the second time', () => {
    expect(after({ cron: '*/30 * * * *', timeZone: 'Europe/Berlin' }, '2026-10-25T00:00:00Z', 3)).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T02:00',
      '2026-10-25T02:30',
    ]);
    const everySecond = { cron: '* * * * * *', timeZone: 'Europe/Berlin' };
    expect(nextFiring(everySecond, at('2026-10-25T00:59:59Z'))).toEqual(at('2026-10-25T02:00:00Z'));
    expect(nextFiring(everySecond, at('2026-10-25T01:59:59.999Z'))).toEqual(at('2026-10-25T02:00:00Z'));
  });
});

/** One part of an expression beside the plain list of values that it stands for. */
const part = (from: number, to: number) => {
  const every = (step: number) => Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, n) => from + n * step);
  return fc.oneof(
    fc.constant({ text: '*', values: every(1) }),
    fc.integer({ min: 2, max: to - from }).map((step) => ({ text: `*/${step}`, values: every(step) })),
    fc
      .uniqueArray(fc.integer({ min: from, max: to }), { minLength: 1, maxLength: 4 })
      .map((values) => ({ text: values.join(), values })),
  );
};

const expression = fc.record({
  minute: part(0, 59),
  // Most of them near the hours that clocks skip or show twice.
  hour: fc.oneof(
    part(0, 23),
    fc.constantFrom(...[0, 1, 2, 3]).map((value) => ({ text: `${value}`, values: [value] })),
  ),
  weekday: fc.oneof(
    { weight: 3, arbitrary: fc.constant({ text: '*', values: [0, 1, 2, 3, 4, 5, 6] as number[] }) },
    part(0, 6),
  ),
});

const YEAR_START = Date.UTC(2026, 5, 1);
const YEAR_END = Date.UTC(2027, 5, 1);

/** A minute of the year with the readings of the clock that come with it for the first time: more after a gap. */
interface Minute {
  readonly instant: number;
  readonly readings: readonly { readonly minute: number; readonly hour: number; readonly weekday: number }[];
}

const readingAt = (time: number): Minute['readings'][number] => {
  const date = new Date(time);
  return { minute: date.getUTCMinutes(), hour: date.getUTCHours(), weekday: date.getUTCDay() };
};

/** Watches a clock through a year, minute by minute; a minute without a new reading is left out. */
function watch(timeZone: string): Minute[] {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const read = (instant: number): number => Date.parse(`${clock.format(instant).replace(' ', 'T')}Z`);
  const minutes: Minute[] = [];
  let latest = read(YEAR_START - 60_000);
  for (let instant = YEAR_START; instant < YEAR_END; instant += 60_000) {
    const readings = [];
    for (const shown = read(instant); latest < shown;) readings.push(readingAt((latest += 60_000)));
    if (readings.length > 0) minutes.push({ instant, readings });
  }
  return minutes;
}

/** The instants of the year at which the clock is changed: it leaves minutes out, or shows no new ones for a while. */
const changesAmong = (minutes: readonly Minute[]): number[] =>
  minutes
    .filter(({ instant, readings }, n) => readings.length > 1 || (n > 0 && instant - minutes[n - 1]!.instant > 60_000))
    .map(({ instant }) => instant);

const HALF_A_DAY_MS = 12 * 3_600_000;

describe.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'])('in %s', (timeZone) => {
  it('schedules fire as a clock says that is watched minute by minute through a year', () => {
    const minutes = watch(timeZone);
    const changes = changesAmong(minutes);
    expect(changes).toHaveLength(2);
    fc.assert(
      fc.property(expression, ({ minute, hour, weekday }) => {
        const fits = (reading: Minute['readings'][number]): boolean =>
          minute.values.includes(reading.minute) &&
          hour.values.includes(reading.hour) &&
          weekday.values.includes(reading.weekday);
        const expected = minutes.filter(({ readings }) => readings.some(fits)).map(({ instant }) => instant);
        const schedule = { cron: `${minute.text} ${hour.text} * * ${weekday.text}`, timeZone };
        for (const change of changes) {
          const around = expected.filter((instant) => Math.abs(instant - change) < HALF_A_DAY_MS);
          const found = nextFirings(schedule, new Date(change - HALF_A_DAY_MS), around.length + 1);
          expect(found.map(Number).slice(0, around.length)).toEqual(around);
        }
        const sparse = expected.filter((_, n) => n % Math.ceil(expected.length / 50) === 0);
        for (const instant of sparse.slice(1)) {
          const previous = expected[expected.indexOf(instant) - 1]!;
          expect(Number(nextFiring(schedule, new Date(previous)))).toBe(instant);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('an expression', () => {
  it.each(['* * * * *', '0 0 12 * * MON-FRI', '@daily', '0 9 L * *', '0 9 * * FRI#2', '0 0 29 2 *'])(
    '%s is taken',
    (cron) => {
      expect(faultOfCron(cron)).toBeUndefined();
    },
  );

  it.each([
    ['', 'five, six'],
    ['* * * *', 'five, six'],
    ['* * * * * * *', '5 or 6 parts'],
    ['60 * * * *', 'Invalid value for minute: 60.'],
    ['0 0 31 2 *', 'No date ever fits'],
    ['@reboot', 'not supported'],
    ['2026-12-01T00:00:00', 'this is a date'],
  ])('%j is refused', (cron, reason) => {
    expect(faultOfCron(cron)).toContain(reason);
  });
});
