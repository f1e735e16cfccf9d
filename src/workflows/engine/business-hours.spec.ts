import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../../../test/support/property-runs.js';
import { nextOpening } from './business-hours.js';
import { delayMsOf } from './delay.js';
import { parseInstant } from './duration.js';
import { instantOf, isTimeZone, wallClockOf } from './time-zone.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'] as const;

const iso = (instant: number): string => new Date(instant).toISOString();
const utc = (text: string): number => Date.parse(`${text}Z`);

describe('local time', () => {
  it('that does not exist is the first instant after the gap', () => {
    expect(iso(instantOf(utc('2026-03-29T02:30'), 'Europe/Berlin'))).toBe('2026-03-29T01:00:00.000Z');
    expect(iso(instantOf(utc('2026-03-08T02:30'), 'America/New_York'))).toBe('2026-03-08T07:00:00.000Z');
    expect(iso(instantOf(utc('2026-10-04T02:10'), 'Australia/Lord_Howe'))).toBe('2026-10-03T15:30:00.000Z');
  });

  it('that comes twice is its first occurrence', () => {
    expect(iso(instantOf(utc('2026-10-25T02:30'), 'Europe/Berlin'))).toBe('2026-10-25T00:30:00.000Z');
    expect(iso(instantOf(utc('2026-11-01T01:30'), 'America/New_York'))).toBe('2026-11-01T05:30:00.000Z');
  });

  it('leads back to the instant, or to the first one that looks the same', () => {
    const instant = fc.integer({ min: utc('2026-01-01T00:00'), max: utc('2028-01-01T00:00') });
    fc.assert(
      fc.property(instant, fc.constantFrom(...zones), (at, zone) => {
        const back = instantOf(wallClockOf(at, zone), zone);
        expect(back).toBeLessThanOrEqual(at);
        expect(wallClockOf(back, zone)).toBe(wallClockOf(at, zone));
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it('belongs to zones that there are', () => {
    for (const zone of zones) expect(isTimeZone(zone)).toBe(true);
    for (const zone of ['', 'Mars/Olympus', '+01:00', 'constructor']) expect(isTimeZone(zone)).toBe(false);
  });

  it('is that of a date without a zone', () => {
    expect(parseInstant('2026-07-01', 'Europe/Berlin').toISOString()).toBe('2026-06-30T22:00:00.000Z');
    expect(parseInstant('2026-07-01T09:00', 'Europe/Berlin').toISOString()).toBe('2026-07-01T07:00:00.000Z');
    expect(parseInstant('2026-07-01T09:00Z', 'Europe/Berlin').toISOString()).toBe('2026-07-01T09:00:00.000Z');
    expect(() => parseInstant('2026-07-01T09:00')).toThrow('is no instant');
    expect(() => parseInstant('2026-07-01T29:00', 'Europe/Berlin')).toThrow('is no instant');
  });
});

/** Walks minute by minute and looks at the clock, as somebody before the door would. */
const waitedBeforeDoor = (from: number, hours: { days: number[]; from: string; to: string }, zone: string): number => {
  const names = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  for (let at = from; ; at += MINUTE_MS) {
    const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
    const time = `${parts.hour}:${parts.minute}`;
    const day = names.indexOf(parts.weekday!) || 7;
    if (hours.days.includes(day) && time >= hours.from && time < hours.to) return at;
  }
};

describe('business hours', () => {
  const minute = fc.integer({ min: 0, max: 24 * 60 });
  const time = (minutes: number): string =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  const changes = [
    '2026-03-29T01:00',
    '2026-10-25T01:00',
    '2026-03-08T07:00',
    '2026-11-01T06:00',
    '2026-10-03T15:30',
    '2027-04-03T15:00',
  ];

  it('begin when somebody who looks at the clock each minute sees them begin', () => {
    const near = fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -3 * 24 * 60, max: 24 * 60 }));
    const days = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 2 });
    fc.assert(
      fc.property(
        near,
        days,
        fc.tuple(minute, minute),
        fc.constantFrom(...zones),
        ([change, minutes], open, [a, b], zone) => {
          // A window shorter than a gap of the clock may be open on no day that the clock changes.
          fc.pre(Math.abs(a - b) > 61);
          const hours = { days: open, from: time(Math.min(a, b)), to: time(Math.max(a, b)) };
          const from = utc(change) + minutes * MINUTE_MS;
          const expected = waitedBeforeDoor(from, hours, zone);
          const found = nextOpening(from, hours, zone);
          const closesTwice = wallClockOf(found, zone) !== wallClockOf(expected, zone);
          expect(closesTwice ? 'another time' : iso(found)).toBe(iso(expected));
        },
      ),
      { numRuns: propertyRuns(60) },
    );
  });

  it('move the end of a delay to the next opening', () => {
    const hours = { days: [1, 2, 3, 4, 5], from: '09:00', to: '17:00' };
    const friday = new Date('2026-11-27T15:00:00Z');
    const delay = (configuration: object) =>
      delayMsOf({ duration: 'PT30M', businessHours: hours, timeZone: 'Europe/Berlin', ...configuration }, {}, friday);
    expect(delay({})).toBe(30 * MINUTE_MS);
    // 17:30 on Friday becomes 9:00 on Monday, local time.
    expect(iso(friday.getTime() + delay({ duration: 'PT90M' }))).toBe('2026-11-30T08:00:00.000Z');
    expect(delay({ duration: undefined, until: '2026-11-20' })).toBe(30 * MINUTE_MS - 30 * MINUTE_MS);
    expect(delay({ businessHours: undefined, duration: 'PT5H' })).toBe(5 * HOUR_MS);
  });
});
