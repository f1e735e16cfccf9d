import { describe, expect, it } from '@jest/globals';
import { bucketCount, metricsRange } from './metrics-range.js';

const NOW = new Date('2026-11-26T12:00:00.000Z');

describe('the range of the metrics', () => {
  it('is the last day in quarters of an hour when nothing is said', () => {
    const range = metricsRange({}, NOW);
    expect(range).toEqual({ from: new Date('2026-11-25T12:00:00.000Z'), to: NOW, bucketSeconds: 900 });
    expect(bucketCount(range)).toBe(96);
  });

  it.each([
    ['2026-11-26T11:00:00Z', 60, 60],
    ['2026-11-26T09:59:59Z', 300, 25],
    ['2026-11-21T12:00:00Z', 3_600, 120],
    ['2026-08-28T12:00:00Z', 86_400, 90],
  ])('from %s has parts of %i seconds, %i of them', (from, bucketSeconds, count) => {
    const range = metricsRange({ from }, NOW);
    expect([range.bucketSeconds, bucketCount(range)]).toEqual([bucketSeconds, count]);
  });

  it.each([
    [{ from: '2026-08-28T11:59:59Z' }, 'from'],
    [{ from: '2026-11-26T12:00:00Z' }, 'from'],
    [{ from: '2026-11-26T13:00:00Z' }, 'from'],
    [{ to: '2026-11-27T12:00:01Z' }, 'to'],
    [{ to: '9999-12-31T23:59:59.999-14:00' }, 'to'],
    [{ to: '0001-01-01T00:00:00+14:00' }, 'from'],
  ])('is refused: %j', (asked, parameter) => {
    const refusal = { code: 'bad-range', details: { parameter } };
    expect(() => metricsRange(asked, NOW)).toThrow(expect.objectContaining(refusal));
  });
});
