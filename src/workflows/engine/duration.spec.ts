import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { delayMsOf } from './delay.js';
import { addDuration, millisecondsUntil, parseDuration, parseInstant } from './duration.js';

const after = (value: unknown, from = '2026-01-31T10:00:00.000Z'): string =>
  addDuration(new Date(from), parseDuration(value)).toISOString();

describe('durations', () => {
  it.each([
    [2, '2026-02-02T10:00:00.000Z'],
    [0.5, '2026-01-31T22:00:00.000Z'],
    ['P2D', '2026-02-02T10:00:00.000Z'],
    ['P1W', '2026-02-07T10:00:00.000Z'],
    ['PT90S', '2026-01-31T10:01:30.000Z'],
    ['PT0.001S', '2026-01-31T10:00:00.001Z'],
    ['PT1,5H', '2026-01-31T11:30:00.000Z'],
    ['P1M', '2026-02-28T10:00:00.000Z'],
    ['P2M', '2026-03-31T10:00:00.000Z'],
    ['P1Y2M3DT4H5M6S', '2027-04-03T14:05:06.000Z'],
    ['P10Y', '2036-01-31T10:00:00.000Z'],
  ])('adds %s to the last of January', (value, expected) => {
    expect(after(value)).toBe(expected);
  });

  it('knows leap years and does not skip over a short month', () => {
    expect(after('P1M', '2028-01-31T00:00:00.000Z')).toBe('2028-02-29T00:00:00.000Z');
    expect(after('P1Y', '2028-02-29T00:00:00.000Z')).toBe('2029-02-28T00:00:00.000Z');
  });

  it.each([
    ...[0, -1, 1e-12, Number.NaN, Infinity, 3653, null, true, {}, [], ''],
    ...['2', 'P', 'PT', 'P1', 'P1DT', 'p1d', 'P-1D', 'P0D', 'PT0S', 'P1.5DT1H', 'P0.5M', 'P1S', 'PT1D', ' P1D'],
    ...['P10Y1D', 'P3653D', 'PT0.0001S', 'P121M', `P${'9'.repeat(40)}D`, '{{variables.days}}'],
  ])('refuses %p', (value) => {
    expect(() => parseDuration(value)).toThrow(expect.objectContaining({ kind: 'invalid', code: 'invalid-duration' }));
  });

  it('gives back the milliseconds it was written from', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 315_000_000_000 }), (ms) => {
        const text = `PT${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}S`;
        expect(parseDuration(text)).toEqual({ months: 0, milliseconds: ms });
        expect(parseDuration(ms / 86_400_000).milliseconds).toBe(ms);
      }),
    );
  });

  it('lands in the right month, on the same day or the last one', () => {
    const day = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(day, fc.integer({ min: 1, max: 120 }), (from, months) => {
        const to = addDuration(from, { months, milliseconds: 0 });
        const count = (date: Date) => date.getUTCFullYear() * 12 + date.getUTCMonth();
        expect(count(to) - count(from)).toBe(months);
        const tomorrow = new Date(to.getTime() + 86_400_000);
        expect(to.getUTCDate() === from.getUTCDate() || tomorrow.getUTCDate() === 1).toBe(true);
        expect(to.getTime() % 86_400_000).toBe(from.getTime() % 86_400_000);
      }),
    );
  });
});

describe('instants', () => {
  it.each([
    ['2026-12-01', '2026-12-01T00:00:00.000Z'],
    ['2026-12-01T09:00+01:00', '2026-12-01T08:00:00.000Z'],
    ['2026-12-01T09:00:00.250Z', '2026-12-01T09:00:00.250Z'],
  ])('reads %s', (text, expected) => {
    expect(parseInstant(text).toISOString()).toBe(expected);
  });

  it.each(['2026-02-30', '2026-13-01', '2026-12-01T25:00Z', '2026-12-01T09:00:00', 'tomorrow', '', null, 5])(
    'refuses %p',
    (value) => {
      expect(() => parseInstant(value)).toThrow(expect.objectContaining({ code: 'invalid-instant' }));
    },
  );

  it('never waits for the past and never beyond ten years', () => {
    const now = new Date('2026-11-22T00:00:00Z');
    expect(millisecondsUntil(new Date('2026-11-22T00:00:05Z'), now)).toBe(5000);
    expect(millisecondsUntil(new Date('2020-01-01T00:00:00Z'), now)).toBe(0);
    expect(() => millisecondsUntil(new Date('2037-01-01T00:00:00Z'), now)).toThrow(/at most 10 years/);
  });
});

describe('delays', () => {
  const now = new Date('2026-02-01T00:00:00Z');

  it('take their time from a placeholder', () => {
    expect(delayMsOf({ duration: '{{variables.days}}' }, { variables: { days: 2 } }, now)).toBe(2 * 86_400_000);
    expect(delayMsOf({ duration: 'P1M' }, {}, now)).toBe(28 * 86_400_000);
    expect(delayMsOf({ until: '{{at}}T00:00:10Z' }, { at: '2026-02-01' }, now)).toBe(10_000);
  });

  it('refuse a placeholder that gives no time', () => {
    expect(() => delayMsOf({ duration: '{{variables.days}}' }, {}, now)).toThrow(/null is no duration/);
    expect(() => delayMsOf({ until: '{{at}}' }, { at: 'soon' }, now)).toThrow(/"soon" is no instant/);
  });
});
