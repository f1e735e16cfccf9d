import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { every, sleep, systemTimers } from './timers.js';

describe('timers', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('call back once, unless it is taken back', () => {
    const [kept, taken] = [jest.fn(), jest.fn()];
    systemTimers.after(100, kept);
    systemTimers.after(100, taken)();
    jest.advanceTimersByTime(99);
    expect(kept).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1_000);
    expect(kept).toHaveBeenCalledTimes(1);
    expect(taken).not.toHaveBeenCalled();
  });

  it('call back every so often until that is taken back, from within too', () => {
    const calls: number[] = [];
    const cancel = every(systemTimers, 100, () => {
      calls.push(systemTimers.elapsedMs());
      if (calls.length === 3) cancel();
    });
    jest.advanceTimersByTime(1_000);
    const [first, second, third] = calls as [number, number, number];
    expect(calls).toHaveLength(3);
    expect([second - first, third - second]).toEqual([100, 100]);
  });

  it('let one sleep', async () => {
    const woken = jest.fn();
    void sleep(systemTimers, 50).then(woken);
    await jest.advanceTimersByTimeAsync(49);
    expect(woken).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(woken).toHaveBeenCalled();
  });
});
