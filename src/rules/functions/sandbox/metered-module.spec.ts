import { describe, expect, it } from '@jest/globals';
import { meter } from './metered-module.js';
import { webAssembly, type WasmGlobal } from './web-assembly.js';

const section = (id: number, ...content: number[]): number[] => [id, content.length, ...content];

/**
 * A module with a memory of one page and the exported function `f(n)`, whose body is given. It has no loop of its own
 * and one global, as metering expects.
 */
const moduleOf = (...body: number[]): Uint8Array =>
  Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, 1, 0x60, 1, 0x7f, 1, 0x7f),
    ...section(2, 1, 1, 0x61, 1, 0x61, 2, 0, 1),
    ...section(3, 1, 0),
    ...section(6, 1, 0x7f, 0, 0x41, 5, 0x0b),
    ...section(7, 1, 1, 0x66, 0, 0),
    ...section(10, 1, body.length + 2, 0, ...body, 0x0b),
  ]);

interface Exports {
  readonly f: (n: number) => number;
  readonly ticks: WasmGlobal;
}

const run = (bytes: Uint8Array): Exports => {
  const memory = new webAssembly.Memory({ initial: 1, maximum: 1 });
  return new webAssembly.Instance(new webAssembly.Module(bytes), { a: { a: memory } }).exports as Exports;
};

/** Counts n down to 0 in a loop and gives the global. */
const countdown = [
  ...[0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b], // loop: n -= 1; br_if n
  ...[0x23, 0],
];
/** Fills n bytes from address 0 and gives n. */
const fill = [0x41, 0, 0x41, 7, 0x20, 0, 0xfc, 0x0b, 0, 0x20, 0];
/** Calls itself with n - 1 until n is 0. */
const recursion = [0x20, 0, 0x04, 0x7f, 0x20, 0, 0x41, 1, 0x6b, 0x10, 0, 0x05, 0x41, 9, 0x0b];

describe('a metered module', () => {
  it.each([
    ['turns of a loop', { body: countdown, n: 100, result: 5 }],
    ['calls', { body: recursion, n: 100, result: 9 }],
    ['bytes at once', { body: fill, n: 6_400, result: 6_400 }],
  ])('computes the same and counts %s', (_, { body, n, result }) => {
    expect(run(moduleOf(...body)).f(n)).toBe(result);
    const metered = run(meter(moduleOf(...body)));
    metered.ticks.value = 1_000;
    expect(metered.f(n)).toBe(result);
    expect(metered.ticks.value).toBe(1_000 - 101);
  });

  it('ends by a trap when its ticks are used up, at the same turn each time', () => {
    const metered = run(meter(moduleOf(...countdown)));
    for (const ticks of [0, 50, 100]) {
      metered.ticks.value = ticks;
      expect(() => metered.f(1_000_000)).toThrow('unreachable');
      expect(metered.ticks.value).toBe(-1);
    }
    metered.ticks.value = 101;
    expect(metered.f(100)).toBe(5);
  });

  it('is refused when it holds what is not known here', () => {
    expect(() => meter(moduleOf(0xfd, 0x0c))).toThrow('0xfd is not known');
    expect(() => meter(moduleOf(0x0e, 0x7f))).toThrow('ends in the middle');
    expect(() => meter(moduleOf().subarray(0, 30))).toThrow('lacks a section');
  });
});
