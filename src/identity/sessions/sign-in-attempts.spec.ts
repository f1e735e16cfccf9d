import { describe, expect, it } from '@jest/globals';
import { countAttempt, lockMs, type SignInAttempts, waitMs } from './sign-in-attempts.js';

const start = new Date('2026-11-22T10:00:00Z');
const after = (ms: number): Date => new Date(start.getTime() + ms);

describe('the lock after failed sign-ins', () => {
  it.each([
    [1, 0],
    [4, 0],
    [5, 30_000],
    [6, 60_000],
    [7, 120_000],
    [9, 480_000],
    [10, 900_000],
    [5_000, 900_000],
  ])('after %i failures is %i ms long', (failures, ms) => expect(lockMs(failures)).toBe(ms));

  it('begins with the fifth attempt and lets the next one through when it is over', () => {
    let attempts: SignInAttempts | undefined;
    for (let n = 0; n < 5; n++) {
      expect(waitMs(attempts, start)).toBe(0);
      attempts = countAttempt(attempts, start);
    }
    expect(waitMs(attempts, start)).toBe(30_000);
    expect(waitMs(attempts, after(29_999))).toBe(1);
    expect(waitMs(attempts, after(30_000))).toBe(0);
    expect(waitMs(countAttempt(attempts, after(30_000)), after(30_000))).toBe(60_000);
  });

  it('counts anew after a day without attempts', () => {
    const attempts = { failures: 9, lockedUntil: start, lastAt: start };
    expect(countAttempt(attempts, after(86_400_000 - 1)).failures).toBe(10);
    expect(countAttempt(attempts, after(86_400_000)).failures).toBe(1);
  });
});
