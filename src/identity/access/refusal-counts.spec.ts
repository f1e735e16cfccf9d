import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RefusalCounts, WINDOW_MS } from './refusal-counts.js';
import { networkOf } from './refusals.js';

const sum = (due: readonly { count: number }[]): number => due.reduce((total, { count }) => total + count, 0);

describe('refusals', () => {
  it('are due at once the first time, then once a minute with their count', () => {
    const counts = new RefusalCounts<string>();
    expect(counts.add('a', 'first', 0)).toEqual([{ refusal: 'first', count: 1 }]);
    expect(counts.add('a', 'second', 10)).toEqual([]);
    expect(counts.add('a', 'third', 20)).toEqual([]);
    expect(counts.takeDue(WINDOW_MS - 1)).toEqual([]);
    expect(counts.takeDue(WINDOW_MS)).toEqual([{ refusal: 'third', count: 2 }]);
    expect(counts.add('a', 'fourth', WINDOW_MS + 1)).toEqual([]);
    expect(counts.takeDue(2 * WINDOW_MS - 1)).toEqual([]);
    expect(counts.takeDue(2 * WINDOW_MS)).toEqual([{ refusal: 'fourth', count: 1 }]);
    expect(counts.takeDue(3 * WINDOW_MS)).toEqual([]);
    expect(counts.add('a', 'again', 3 * WINDOW_MS)).toEqual([{ refusal: 'again', count: 1 }]);
  });

  it('lose none and double none, whatever comes when', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c'), afterMs: fc.nat(WINDOW_MS) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const counts = new RefusalCounts<string>();
        let [now, written] = [0, 0];
        for (const { key, afterMs } of steps) {
          now += afterMs;
          written += sum(counts.takeDue(now)) + sum(counts.add(key, key, now));
        }
        expect(written + sum(counts.takeDue(now, true))).toBe(steps.length);
      }),
    );
  });

  it('lose none when more callers come than are kept', () => {
    const counts = new RefusalCounts<number>();
    let written = 0;
    for (let caller = 0; caller < 20_001; caller++) {
      for (let call = 0; call < 2; call++) written += sum(counts.add(String(caller), caller, 0));
    }
    expect(written + sum(counts.takeDue(0, true))).toBe(40_002);
  });
});

describe('the network of an address', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['::ffff:203.0.113.77', '203.0.113.0/24'],
    ['2001:db8:12:34::5', '2001:db8:12::/48'],
    ['2001:db8::5', '2001:db8::/48'],
    ['::1', '::/48'],
  ])('%s lies in %s', (address, network) => expect(networkOf(address)).toBe(network));
});
