import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { hostileScripts } from '../../../../test/corpus/hostile-scripts.js';
import { type CallOutcome, callFunction, OUTPUT_LIMIT } from './sandbox.js';

const TICKS = 150_000;
const EXHAUSTION = 1_000_000;
const MOST_GROWTH = 128 * 2 ** 20;
const scripts = hostileScripts(1_000);

const call = (source: string, ticks = TICKS): CallOutcome =>
  callFunction({ name: 'hostile', version: 1, parameters: [], source }, [], {
    now: '2026-11-25T10:00:00.000Z',
    seed: 'hostile',
    ticks,
  });

const isContained = (outcome: CallOutcome): boolean => {
  if (outcome.ticks > TICKS + EXHAUSTION) return false;
  if ('failure' in outcome) return outcome.failure.message.length < 700;
  return Buffer.byteLength(JSON.stringify(outcome.result)) <= OUTPUT_LIMIT;
};

describe('a thousand hostile scripts', () => {
  let first: CallOutcome[] = [];
  let grown = 0;

  beforeAll(() => {
    call('return 1;');
    const before = process.memoryUsage().rss;
    first = scripts.map((source) => call(source));
    grown = process.memoryUsage().rss - before;
  });

  it('are all different', () => {
    expect(new Set(scripts).size).toBe(scripts.length);
  });

  it('are contained and leave memory as it was', () => {
    expect(scripts.filter((_, i) => !isContained(first[i]!))).toEqual([]);
    expect(grown).toBeLessThan(MOST_GROWTH);
    const codes = first.map((outcome) => ('failure' in outcome ? outcome.failure.code : 'result'));
    expect(new Set(codes)).toEqual(new Set(['function-failed', 'function-limit', 'result']));
  });

  it('come to the same bytes again in another order', () => {
    const again = scripts.toReversed().map((source) => call(source));
    expect(again.reverse()).toEqual(first);
  });

  it('come to the same on every machine', () => {
    const digest = createHash('sha256')
      .update(JSON.stringify(first.slice(0, 300)))
      .digest('hex');
    expect(digest).toBe('3a7a6a9416df72f66b25a348a67d6c187828ec243b1ceb5d51a519faf758fe34');
  });
});
