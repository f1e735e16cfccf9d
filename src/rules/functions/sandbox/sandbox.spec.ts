import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from '../../../kernel/json.js';
import { EvaluationError } from '../../engine/evaluation-error.js';
import type { Facts } from '../../engine/facts.js';
import { CALL_TICKS, compileFunctions } from './compile-functions.js';
import { callFunction, checkFunction, OUTPUT_LIMIT } from './sandbox.js';

const NOW = '2026-11-25T10:00:00.000Z';
const definition = (source: string, parameters: readonly string[] = ['a', 'b']) => ({
  name: 'tried',
  version: 1,
  parameters,
  source,
});
const call = (source: string, args: readonly JsonValue[] = [], more: { seed?: string; now?: string } = {}) =>
  callFunction(definition(source), args, { now: NOW, seed: 'seed', ticks: CALL_TICKS, ...more });
const resultOf = (...args: Parameters<typeof call>): JsonValue => {
  const outcome = call(...args);
  if ('failure' in outcome) throw new Error(outcome.failure.message);
  return outcome.result;
};
const failureOf = (source: string) => {
  const outcome = call(source);
  return 'failure' in outcome ? outcome.failure : undefined;
};

describe('what a function sees and gives', () => {
  it('takes any JSON and gives it back as it was', () => {
    const json = fc.jsonValue().filter((value) => !/"__proto__":|\\u0000|\\ud[89a-f]/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(fc.array(json, { maxLength: 2 }), (args) => {
        const given = JSON.parse(JSON.stringify(args)) as JsonValue[];
        expect(resultOf('return [a, b].slice(0, arguments.length);', given)).toEqual(given);
      }),
      { numRuns: 300 },
    );
  });

  it('has a clock that stands still in UTC', () => {
    const source = 'return [Date.now(), new Date(), new Date(2026, 0, 1), new Date().getTimezoneOffset(), Date()];';
    expect(resultOf(source)).toEqual([
      Date.parse(NOW),
      NOW,
      '2026-01-01T00:00:00.000Z',
      0,
      'Wed Nov 25 2026 10:00:00 GMT+0000',
    ]);
  });

  it('draws the same random numbers for the same seed, arguments and name, and others otherwise', () => {
    const source = 'return [Math.random(), Math.random()];';
    const [first, second] = resultOf(source, [1]) as number[];
    expect(resultOf(source, [1])).toEqual([first, second]);
    expect(first).not.toBe(second);
    expect(resultOf(source, [2])).not.toEqual([first, second]);
    expect(resultOf(source, [1], { seed: 'other' })).not.toEqual([first, second]);
    const many = resultOf('return Array.from({ length: 1000 }, Math.random);') as number[];
    expect(many.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(many.reduce((sum, number) => sum + number, 0) / 1000).toBeCloseTo(0.5, 1);
  });

  it('keeps nothing from one call to the next', () => {
    const source = 'globalThis.seen = (globalThis.seen ?? 0) + 1; Array.prototype.push = null; return globalThis.seen;';
    expect([resultOf(source), resultOf(source)]).toEqual([1, 1]);
    expect(resultOf('const list = []; list.push(1); return list;')).toEqual([1]);
  });

  it('takes the same ticks again after whatever ran between', () => {
    const fresh = call('return a.map((x) => x * 2);', [[1, 2, 3]]);
    for (const between of ['for (;;);', 'const x = []; for (;;) x.push([x]);', 'return tried();', 'throw 1;']) {
      call(between);
      expect(call('return a.map((x) => x * 2);', [[1, 2, 3]])).toEqual(fresh);
    }
  });

  it('gives null for what JSON does not know', () => {
    expect(resultOf('return undefined;')).toBe(null);
    expect(resultOf('return [NaN, Infinity, -0, () => 1];')).toEqual([null, null, 0, null]);
  });
});

describe('how a function fails', () => {
  it.each([
    ['throw new RangeError("too far");', 'it threw RangeError: too far'],
    ['throw "text";', 'it threw text'],
    ['return missing;', "it threw ReferenceError: 'missing' is not defined"],
    ['return 1n;', 'it threw TypeError: Do not know how to serialize a BigInt'],
    ['return (async () => 1)();', 'it gave a promise; a function answers at once.'],
    ['return import("x");', 'it gave a promise; a function answers at once.'],
    ['return eval("1");', "it threw ReferenceError: 'eval' is not defined"],
    ['return (() => 1).constructor("return 1")();', 'it threw TypeError: Code cannot be made from text here.'],
    ['return { ["__proto__"]: 1 };', 'its result has a member __proto__.'],
    ['return "\\0";', 'its result holds the character U+0000.'],
    ['return ["\\ud800"];', 'its result holds half of a surrogate pair.'],
    ['let x = 1; for (let i = 0; i < 100; i++) x = [x]; return x;', 'its result is nested more than 64 deep.'],
    ['leaked = 1;', "it threw ReferenceError: 'leaked' is not defined"],
  ])('%s', (source, message) => {
    expect(failureOf(source)).toEqual({ code: 'function-failed', message });
  });

  it.each([
    ['for (;;);', 'it ran out of ticks.'],
    ['try { for (;;); } finally { for (;;); }', 'it ran out of ticks.'],
    ['return /(a+)+b/.test("a".repeat(50));', 'it ran out of ticks.'],
    ['return [].indexOf.call({ length: 2 ** 53 - 1 }, 1);', 'it ran out of ticks.'],
    ['const x = []; for (;;) x.push(new Uint8Array(1e5));', 'it ran out of memory.'],
    ['const x = []; for (;;) x.push(new Uint8Array(50));', 'it ran out of memory.'],
    ['return tried();', 'it ran out of stack.'],
    [`return "x".repeat(${OUTPUT_LIMIT});`, `its result is larger than ${OUTPUT_LIMIT} bytes.`],
  ])('%s', (source, message) => {
    expect(failureOf(source)).toEqual({ code: 'function-limit', message });
  });

  it('gives the largest result that is allowed', () => {
    expect(resultOf(`return "x".repeat(${OUTPUT_LIMIT - 2});`)).toHaveLength(OUTPUT_LIMIT - 2);
  });

  it('is told before it is called when it cannot be compiled', () => {
    expect(checkFunction(definition('return a;'), CALL_TICKS)).toBeUndefined();
    expect(checkFunction(definition('throw a;'), CALL_TICKS)).toBeUndefined();
    expect(checkFunction(definition('return a +;'), CALL_TICKS)).toMatchObject({ code: 'function-failed' });
    expect(checkFunction(definition('return a;', ['a', 'a']), CALL_TICKS)).toMatchObject({ code: 'function-failed' });
    expect(checkFunction(definition('('.repeat(60_000)), CALL_TICKS)).toMatchObject({ code: 'function-limit' });
  });
});

describe('functions of a decision', () => {
  const facts: Facts = {
    now: NOW,
    seed: 'decision',
    arms: {},
    acknowledgments: {},
    preferences: {},
    user: { id: 'user', role: 'owner', permissions: [] },
  };

  it('share its ticks, and one that begins without any is not begun', () => {
    const outcomes: string[] = [];
    const functions = compileFunctions([definition('for (;;);', [])], (outcome) =>
      outcomes.push('failure' in outcome ? outcome.failure.message : 'result'),
    );
    const budget = { left: 1, functionTicks: CALL_TICKS + 1_000 };
    const attempt = (): unknown => {
      try {
        return functions.get('tried')!([], facts, budget);
      } catch (error) {
        return error;
      }
    };
    for (const _ of [1, 2, 3]) expect(attempt()).toMatchObject({ name: EvaluationError.name, code: 'function-limit' });
    expect(budget.functionTicks).toBeLessThanOrEqual(0);
    expect(outcomes).toEqual([
      'it ran out of ticks.',
      'it ran out of ticks.',
      'the functions of this decision have used up its ticks.',
    ]);
  });
});
