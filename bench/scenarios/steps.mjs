import { startTestRedis } from '../../test/support/test-redis.mjs';
import { openDatabase } from '../support/environment.mjs';
import { ExecutionSource, NO_WAIT } from '../support/executions.mjs';
import { startApplication, startStepLoop } from '../support/processes.mjs';
import { goal, median } from '../support/report.mjs';

const STEPS = 8;
const EXECUTIONS = 200;
const ROUNDS = 7;
const DONE_WITHIN_MS = 60_000;
/** Statements at a time; as many as the step store of one worker sends. */
const LOOP_CONNECTIONS = 10;

const COUNT = `select count(*)::int as count from workflow_executions where status = 'completed'`;

// From the first step that ended to the last: what the workers did, without the wait for the first sweep.
const RATE = `select count(*)::float8 - 1 as steps, extract(epoch from max(ended_at) - min(ended_at))::float8 as seconds
  from workflow_step_runs where ended_at > $1`;

/** Steps from the claim to the next one, on both kinds of queues, in turns with a plain loop on the same tables. */
export const steps = {
  name: 'steps',
  run: async (bench) => {
    const environment = await bench.environment();
    const redis = await startTestRedis();
    const ends = [];
    try {
      const contenders = [await openWorker(environment, 'postgres', {}, ends)];
      if (redis) contenders.push(await openWorker(environment, 'redis', { QUEUE_URL: redis.url }, ends));
      contenders.push(await openLoop(environment, ends));
      const rounds = Object.fromEntries(contenders.map(({ name }) => [name, []]));
      for (const { measure, source } of contenders) {
        await measure();
        // As autovacuum does by itself within a minute: plans are then made for tables that hold something.
        await source.rows('vacuum (analyze)');
      }
      for (let round = 0; round < ROUNDS; round++) {
        for (const { name, measure } of contenders) {
          rounds[name].push(await measure());
        }
      }
      return report(rounds);
    } finally {
      for (const end of ends.reverse()) await end();
      redis?.stop();
    }
  },
};

/** A database of its own with executions that wait for the worker. */
const openSource = async (environment, name, more, ends) => {
  const database = await openDatabase(environment, `steps_${name}`, more);
  const source = await ExecutionSource.open(database);
  ends.push(() => source.close());
  const workflow = await source.createWorkflow('Chain', Array(STEPS).fill(NO_WAIT));
  return { database, source, pattern: await source.start(workflow) };
};

const openWorker = async (environment, name, more, ends) => {
  const { database, source, pattern } = await openSource(environment, name, more, ends);
  const variables = { ...database.variables, PROCESS_ROLE: 'worker' };
  const copy = () => {
    const now = new Date().toISOString();
    return source.copy(pattern, EXECUTIONS, { due_at: now, alarm_at: now });
  };
  // The pattern stays as it is, or there is nothing to copy any more: it waits for a day that does not come.
  await source.rows(`update workflow_step_runs set due_at = 'infinity', alarm_at = 'infinity'`);
  const worker = await startApplication({ folder: environment.folder, variables }, `worker-${name}`);
  ends.push(worker.stop);
  return { name, source, measure: () => measureWorker(source, copy) };
};

const measureWorker = async (source, copy) => {
  const [{ count: before }] = await source.rows(COUNT);
  const [{ now }] = await source.rows('select clock_timestamp() as now');
  await copy();
  const deadline = Date.now() + DONE_WITHIN_MS;
  for (let count = before; count < before + EXECUTIONS; [{ count }] = await source.rows(COUNT)) {
    if (Date.now() > deadline) throw new Error(`${count - before} of ${EXECUTIONS} executions ended in a minute.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const [{ steps: done, seconds }] = await source.rows(RATE, [now]);
  return done / seconds;
};

const openLoop = async (environment, ends) => {
  const { database, source, pattern } = await openSource(environment, 'plain', {}, ends);
  await source.rows(`update workflow_step_runs set due_at = 'infinity', alarm_at = 'infinity'`);
  const settings = { steps: STEPS, ownerUrl: database.ownerUrl, connections: LOOP_CONNECTIONS };
  const loop = await startStepLoop(environment.folder, settings);
  ends.push(loop.stop);
  const measure = async () => {
    const now = new Date().toISOString();
    await source.copy(pattern, EXECUTIONS, { due_at: now, alarm_at: now });
    const { steps: done, milliseconds } = await loop.run();
    if (done !== EXECUTIONS * STEPS) throw new Error(`The loop did ${done} steps, not ${EXECUTIONS * STEPS}.`);
    return (done * 1000) / milliseconds;
  };
  return { name: 'plain', source, measure };
};

const report = (rounds) => {
  const { plain, ...queues } = rounds;
  const beside = (rates) => median(rates.map((rate, round) => rate / plain[round]));
  return {
    title: `Executions of ${STEPS} steps, ${EXECUTIONS} of them due at once, one worker process`,
    rows: [
      ...Object.entries(queues).map(([name, rates]) => ({
        worker: `Proviso, queue in ${name}`,
        'steps/s': median(rates),
      })),
      { worker: 'plain SKIP LOCKED loop, one statement a step', 'steps/s': median(plain) },
    ],
    goals: Object.entries(queues).map(([name, rates]) =>
      goal(`steps on ${name} beside the plain loop`, beside(rates), { atLeast: 0.7 }),
    ),
    notes: [
      `Medians of ${ROUNDS} rounds in turns, ratios round by round; each contender has a database of its own.`,
      'A step is claimed, ended, logged, told by an event with its leaf hash, and followed by the next one.',
      `The plain loop writes the same rows over ${LOOP_CONNECTIONS} connections, without queue, lease, fence or engine.`,
    ],
    rounds,
  };
};
