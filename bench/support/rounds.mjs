// How work in process is timed: contenders in turns, so that drift of the machine meets all of them.

/** Runs each contender for `milliseconds` a round, `rounds` times in turns; gives the µs of one run, by name and round. */
export const timeInTurns = async (contenders, { rounds, milliseconds }) => {
  const names = Object.keys(contenders);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await timeOne(contenders[name], milliseconds);
  for (let round = 0; round < rounds; round++) {
    for (const name of names) times[name].push({ mean: await timeOne(contenders[name], milliseconds) });
  }
  return times;
};

/** `run` gets the number of the run; runs are timed together, because a clock costs more than some of them take. */
const timeOne = async (run, milliseconds) => {
  const isAsync = run(0) instanceof Promise;
  const start = performance.now();
  let count = 0;
  for (let batch = 1; performance.now() - start < milliseconds; batch = Math.min(batch * 2, 1_000)) {
    for (let index = 0; index < batch; index++, count++) {
      if (isAsync) await run(count);
      else run(count);
    }
    if (isAsync) batch = 0.5;
  }
  return ((performance.now() - start) * 1000) / count;
};
