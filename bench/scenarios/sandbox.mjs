import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { callFunction } from '../../dist/rules/functions/sandbox/sandbox.js';
import { ThreadQueue } from '../../dist/rules/functions/thread/thread-queue.js';
import { goal, median } from '../support/report.mjs';

const CALLS_A_SECOND = 4;
const ROUND_SECONDS = 3;
const ROUNDS = 3;
const MEASURED_CALLS = 2_000;
const MEBIBYTE = 2 ** 20;

const definition = (source) => ({ name: 'measured', version: 1, parameters: ['a', 'b'], source });
const conditions = { now: '2026-11-25T10:00:00.000Z', seed: 'bench' };

/** Each uses up something else: ticks, memory, the stack, the output, an expression that backtracks. */
const hostile = [
  'for (;;);',
  'const held = []; for (;;) held.push(new Uint8Array(1e5));',
  'const held = []; for (;;) held.push({ held });',
  'return measured();',
  'return "x".repeat(5e6);',
  'return /(a+)+b/.test("a".repeat(50));',
  'return [].indexOf.call({ length: 2 ** 53 - 1 }, 1);',
];

/** What functions cost, and how free the event loop stays while hostile ones run in their thread. */
export const sandbox = {
  name: 'sandbox',
  run: async () => {
    const thread = new ThreadQueue(() => undefined);
    try {
      const start = performance.now();
      await call(thread, 'return a + b;');
      const startMs = performance.now() - start;
      for (const source of hostile) await call(thread, source);
      const before = process.memoryUsage().rss;
      const rounds = { idle: [], harmless: [], hostile: [] };
      for (let round = 0; round < ROUNDS; round++) {
        rounds.idle.push(await delayWhile(async () => undefined));
        rounds.harmless.push(await delayWhile(() => call(thread, 'return a + b;')));
        rounds.hostile.push(await delayWhile((index) => call(thread, hostile[index % hostile.length])));
      }
      return report({ rounds, startMs, grownMiB: (process.memoryUsage().rss - before) / MEBIBYTE, callUs: callTime() });
    } finally {
      await thread.close();
    }
  },
};

const call = (thread, source) =>
  thread.ask({ kind: 'call', definition: definition(source), args: [1, 2], ...conditions });

const delayWhile = async (work) => {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  const running = [];
  histogram.enable();
  for (let index = 0; index < ROUND_SECONDS * CALLS_A_SECOND; index++) {
    running.push(work(index));
    await delay(1000 / CALLS_A_SECOND);
  }
  histogram.disable();
  await Promise.all(running);
  return { p50: histogram.percentile(50) / 1e6, p99: histogram.percentile(99) / 1e6, max: histogram.max / 1e6 };
};

const callTime = () => {
  const times = Array.from({ length: MEASURED_CALLS }, (_, index) => {
    const start = performance.now();
    callFunction(definition('return a + b;'), [index, 2], { ...conditions, ticks: 1e6 });
    return (performance.now() - start) * 1000;
  });
  return median(times);
};

const report = ({ rounds, startMs, grownMiB, callUs }) => ({
  title: `The event loop's delay while functions run in their thread, ${CALLS_A_SECOND} calls a second`,
  rows: Object.entries(rounds).map(([functions, measured]) => ({
    functions,
    'p50 ms': median(measured.map(({ p50 }) => p50)),
    'p99 ms': median(measured.map(({ p99 }) => p99)),
    'max ms': median(measured.map(({ max }) => max)),
  })),
  goals: [
    goal('p99 of the delay with hostile functions, ms', median(rounds.hostile.map(({ p99 }) => p99)), { atMost: 20 }),
    goal('memory grown over all rounds, MiB', grownMiB, { atMost: 64 }),
    goal('one call from text to text, µs', callUs, { atMost: 200 }),
  ],
  notes: [
    `Medians of ${ROUNDS} rounds of ${ROUND_SECONDS} s in turns. The first call of a thread took ${startMs.toFixed(0)} ms.`,
  ],
  rounds,
});
