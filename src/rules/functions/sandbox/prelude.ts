/**
 * What runs in the interpreter before any author's code: takes away what can make code from text, promises and shared
 * memory, seeds `Math.random` anew for each call, and gives the function that runs an author's function from text to
 * text. Nothing of the host is within reach of either, so the worst an author's code can do is spoil its own result.
 */
export const PRELUDE = `(() => {
  'use strict';
  const { parse, stringify } = JSON;
  const { apply, defineProperty, getPrototypeOf } = Reflect;
  const { then } = Promise.prototype;
  const text = String;
  const state = new Uint32Array(4);

  const refuse = function () { throw new TypeError('Code cannot be made from text here.'); };
  for (const made of [function () {}, function* () {}, async function () {}, async function* () {}]) {
    defineProperty(getPrototypeOf(made), 'constructor', { value: refuse });
  }
  for (const name of ['eval', 'Function', 'Promise', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry',
    'queueMicrotask', 'performance']) {
    delete globalThis[name];
  }

  // sfc32, a public-domain generator of 128 bits.
  const random = () => {
    const sum = (state[0] + state[1] + state[3]) >>> 0;
    state[3] += 1;
    state[0] = state[1] ^ (state[1] >>> 9);
    state[1] = state[2] + (state[2] << 3);
    state[2] = ((state[2] << 21) | (state[2] >>> 11)) + sum;
    return sum / 4294967296;
  };
  defineProperty(Math, 'random', { value: random, writable: true, enumerable: false, configurable: true });

  const isPromise = (value) => { try { apply(then, value, []); return true; } catch { return false; } };
  const describe = (error) => {
    try {
      return error instanceof Error ? text(error.name) + ': ' + text(error.message) : text(error);
    } catch {
      return 'It threw something that cannot be told.';
    }
  };

  return (target, input) => {
    try {
      const { seed, args } = parse(input);
      state.set(seed);
      const value = target(...args);
      if (isPromise(value)) return 'promise';
      const output = stringify(value);
      return 'value' + (output === undefined ? 'null' : output);
    } catch (error) {
      return 'error' + describe(error);
    }
  };
})()`;
