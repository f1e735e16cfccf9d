import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs } from './retry.js';

describe('backoffMs', () => {
  it('waits what the policy says and up to a quarter more, one day at most', () => {
    fc.assert(
      fc.property(fc.nat(86_400_000), fc.integer({ min: 1, max: 100 }), fc.string(), (delayMs, attempt, seed) => {
        const fixed = backoffMs({ attempts: 3, backoff: 'fixed', delayMs }, attempt, seed);
        expect(fixed).toBeGreaterThanOrEqual(delayMs);
        expect(fixed).toBeLessThanOrEqual(Math.ceil(delayMs * 1.25));
        const due = Math.min(delayMs * 2 ** (attempt - 1), 86_400_000);
        const exponential = backoffMs({ attempts: 3, backoff: 'exponential', delayMs }, attempt, seed);
        expect(exponential).toBeGreaterThanOrEqual(due);
        expect(exponential).toBeLessThanOrEqual(Math.ceil(due * 1.25));
      }),
    );
  });

  it('gives one answer for one seed, and spreads seeds that differ in one letter evenly', () => {
    const policy = { attempts: 3, backoff: 'fixed', delayMs: 4000 } as const;
    expect(backoffMs(policy, 1, 'one')).toBe(backoffMs(policy, 1, 'one'));
    const quarters = [0, 0, 0, 0];
    for (let index = 0; index < 4000; index++) {
      const quarter = Math.min(3, Math.floor((backoffMs(policy, 1, `seed\n${index}`) - 4000) / 250));
      quarters[quarter] = (quarters[quarter] ?? 0) + 1;
    }
    for (const count of quarters) expect(count).toBeGreaterThan(850);
  });
});
