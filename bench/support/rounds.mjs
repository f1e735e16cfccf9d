// How work in process is timed: contenders in turns, so that drift of the machine meets all of them.
import { median } from './report.mjs';

/** Runs each contender for `milliseconds` a round, `rounds` times in turns; gives the µs of one run, by name and round. */
export const timeInTurns = async (contenders, { rounds, milliseconds }) => {
  const names = Object.keys(contenders);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await timeOne(contenders[name], milliseconds);
  for (let round = 0; round < rounds; round++) {
    for (const name of names) times[name].push({ time: await timeOne(contenders[name], milliseconds) });
  }
  return times;
};

/** Runs that are timed together take at least so long, because a clock costs more than some of them take. */
const BATCH_MS = 0.1;

/** `run` gets the number of the run. The median of many short batches leaves out those that the machine interrupted. */
const timeOne = async (run, milliseconds) => {
  const isAsync = run(0) instanceof Promise;
  const times = [];
  let count = 0;
  let batch = 1;
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    const start = performance.now();
    for (let index = 0; index < batch; index++, count++) {
      if (isAsync) await run(count);
      else run(count);
    }
    const elapsed = performance.now() - start;
    if (elapsed < BATCH_MS) batch *= 2;
    else times.push((elapsed * 1000) / batch);
  }
  return median(times);
};
