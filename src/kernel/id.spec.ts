import { describe, expect, it } from '@jest/globals';
import { isId, newId, timeOfId } from './id.js';

describe('newId', () => {
  it('gives UUIDs of version 7 that differ and ascend, many in a millisecond', () => {
    const ids = Array.from({ length: 20_000 }, () => newId());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual([...ids].sort());
    expect(ids.every((id) => isId(id) && id[14] === '7' && '89ab'.includes(id[19]!))).toBe(true);
  });

  it('carries the present, or the instant that was asked for', () => {
    const before = Date.now();
    const time = timeOfId(newId()).getTime();
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now() + 1);
    const at = new Date('2026-03-01T00:00:00.123Z');
    expect(timeOfId(newId(at))).toEqual(at);
    expect(newId(at)).not.toBe(newId(at));
  });
});
