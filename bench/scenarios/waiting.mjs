import { setTimeout as sleep } from 'node:timers/promises';
import { DUE_RUNS } from '../../dist/workflows/executions/swept-runs.js';
import { openDatabase } from '../support/environment.mjs';
import { ExecutionSource, NO_WAIT } from '../support/executions.mjs';
import { residentBytes, startApplication } from '../support/processes.mjs';
import { goal, median } from '../support/report.mjs';

const LEVELS = [0, 100_000, 200_000];
const COPIES_AT_ONCE = 20_000;
const STEPS_PER_SECOND = 200;
/** One of them a timer of a second. */
const STEPS = [NO_WAIT, { duration: 'PT1S' }, NO_WAIT, NO_WAIT, NO_WAIT];
const LOAD_MS = 12_000;
const LOOKS = 21;
const MEBIBYTE = 2 ** 20;
const MILLION = 1_000_000;

const LATENESS = `select count(*)::int as timers,
    percentile_cont(0.5) within group (order by late) as p50, percentile_cont(0.99) within group (order by late) as p99
  from (select extract(epoch from ended_at - due_at) * 1000 as late from workflow_step_runs
    where step_id = 'step2' and status = 'completed' and started_at > $1) timers`;

const STEPS_DONE = `select count(*)::int as count from workflow_step_runs where status = 'completed' and ended_at > $1`;

const SIZE = `select sum(pg_total_relation_size(name::regclass))::float8 as bytes
  from unnest(array['workflow_executions', 'workflow_step_runs', 'bullmq.job']) name`;

/** Executions that wait for weeks: what they cost a worker, the sweeper, and the timers of those that run. */
export const waiting = {
  name: 'waiting',
  run: async (bench) => {
    const environment = await bench.environment();
    const database = await openDatabase(environment, 'waiting');
    const source = await ExecutionSource.open(database);
    const variables = { ...database.variables, PROCESS_ROLE: 'worker' };
    const worker = await startApplication({ folder: environment.folder, variables }, 'worker-waiting');
    try {
      const pattern = await source.start(await source.createWorkflow('Waits', [{ duration: 'P30D' }]));
      const steady = await source.createWorkflow('Steady', STEPS);
      await runSteadily(source, steady, LOAD_MS / 2);
      const rounds = [];
      for (const level of LEVELS) {
        await fillUpTo(source, pattern, level);
        rounds.push({ waiting: level, ...(await measure(source, steady, worker.pid)) });
      }
      return report(rounds);
    } finally {
      await worker.stop();
      await source.close();
    }
  },
};

const fillUpTo = async (source, pattern, level) => {
  const count = async () => {
    const [row] = await source.rows(`select count(*)::int as count from workflow_step_runs where status = 'waiting'`);
    return row.count;
  };
  for (let left = level - (await count()); left > 0; left -= COPIES_AT_ONCE) {
    await source.copy(pattern, Math.min(left, COPIES_AT_ONCE));
  }
  await source.copyAlarms(pattern);
  // As autovacuum does by itself after a while.
  await source.rows('vacuum (analyze) workflow_executions, workflow_step_runs, bullmq.job');
  await source.rows('checkpoint');
};

const measure = async (source, workflow, pid) => {
  const [{ now }] = await source.rows('select clock_timestamp() as now');
  const looks = [];
  const memory = [];
  const watch = (async () => {
    for (let look = 0; look < LOOKS; look++) {
      await sleep(LOAD_MS / LOOKS);
      looks.push(await timeSweep(source));
      memory.push(residentBytes(pid) / MEBIBYTE);
    }
  })();
  await runSteadily(source, workflow, LOAD_MS);
  await watch;
  const [{ count }] = await source.rows(STEPS_DONE, [now]);
  await sleep(2_000);
  const [late] = await source.rows(LATENESS, [now]);
  const [{ bytes }] = await source.rows(SIZE);
  return {
    // The least of them: what is between two collections of garbage comes and goes.
    'worker MiB': Math.min(...memory),
    'sweeper query ms': median(looks),
    'steps/s': (count * 1000) / LOAD_MS,
    timers: late.timers,
    'timer late p50 ms': late.p50,
    'timer late p99 ms': late.p99,
    'tables MiB': bytes / MEBIBYTE,
  };
};

/** Starts executions at an even pace, whatever each takes. */
const runSteadily = async (source, workflow, milliseconds) => {
  const everyMs = (1000 * STEPS.length) / STEPS_PER_SECOND;
  const start = performance.now();
  const started = [];
  for (let number = 0; number * everyMs < milliseconds; number++) {
    await sleep(Math.max(0, start + number * everyMs - performance.now()));
    started.push(source.start(workflow));
  }
  await Promise.all(started);
};

/** What the server says that the sweeper's look takes, planning included. */
const timeSweep = async (source) => {
  const [row] = await source.rows(`explain (analyze, format json) ${DUE_RUNS}`);
  const [plan] = row['QUERY PLAN'];
  return plan['Planning Time'] + plan['Execution Time'];
};

/** Where a figure would stand with a million waiting, by the slope from none to the most that were measured. */
const atMillion = (rounds, key) => {
  const [first, last] = [rounds[0], rounds.at(-1)];
  // What fell did so by chance, and does not go on falling.
  return first[key] + (Math.max(0, last[key] - first[key]) / last.waiting) * MILLION;
};

const report = (rounds) => {
  const [none, most] = [rounds[0], rounds.at(-1)];
  const bySlope = Object.fromEntries(Object.keys(none).map((key) => [key, '']));
  for (const key of ['worker MiB', 'sweeper query ms', 'tables MiB']) bySlope[key] = atMillion(rounds, key);
  return {
    title: `Waiting executions beside ${STEPS_PER_SECOND} steps/s, one worker process, queue in postgres`,
    rows: [...rounds, { ...bySlope, waiting: '1,000,000 by the slope' }],
    goals: [
      goal('worker memory beside that with none waiting', most['worker MiB'] / none['worker MiB'], { atMost: 1.2 }),
      goal('sweeper query, ms', most['sweeper query ms'], { atMost: 20 }),
      goal('timer lateness p99, ms', most['timer late p99 ms'], { atMost: 1000 }),
      goal('steps/s', most['steps/s'], { atLeast: STEPS_PER_SECOND * 0.9 }),
    ],
    notes: [
      'Lateness is from due_at to the end of the step as the database saw it; each execution has one timer of a second.',
      `A waiting execution takes ${Math.round(((most['tables MiB'] - none['tables MiB']) * MEBIBYTE) / most.waiting)} bytes of tables and indexes, its job in the queue included.`,
    ],
    rounds,
  };
};
