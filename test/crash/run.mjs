// `npm run crash -- --seeds N [--fault NAME] [--backend postgres|redis] [--seed S]`: every fault on both kinds of queues,
// N moments each, while 200 executions are under way; ends with a table, the same as JSON, and 1 when a sum is broken.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/build.mjs';
import { startTestRedis } from '../support/test-redis.mjs';
import { makeTestFolder, removeLeftovers } from '../support/test-folders.mjs';
import { tableOf } from './table.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

/** @throws Error when a word is not understood */
const readPlan = () => {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      'in-flight': { type: 'string', default: '200' },
      fault: { type: 'string', multiple: true },
      backend: { type: 'string', multiple: true },
    },
  });
  const plan = { seeds: whole(values.seeds), seed: whole(values.seed), inFlight: whole(values['in-flight']) };
  return { ...plan, faults: values.fault, backends: values.backend };
};

const whole = (text) => {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1) throw new Error(`${text} is no whole number from 1 on.`);
  return number;
};

const runJest = (plan, folder, redisUrl) => {
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', process.env.NODE_OPTIONS];
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const child = spawn(process.execPath, [jest, '--runInBand', 'test/crash/faults.crash-spec'], {
    cwd: root,
    stdio: ['inherit', 'ignore', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: options.filter(Boolean).join(' '),
      TEST_REDIS: redisUrl,
      CRASH_PLAN: JSON.stringify(plan),
      CRASH_REPORT: join(folder, 'reports'),
    },
  });
  // Jest ends by a signal without its teardown; this process stays to clear up.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('close', resolve));
};

const reportsIn = (folder) => {
  const file = join(folder, 'reports');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
};

const writeJson = (plan, reports) => {
  const results = join(root, 'reports');
  mkdirSync(results, { recursive: true });
  const file = join(results, `crash-${plan.seed}-${Date.now()}.json`);
  writeFileSync(file, `${JSON.stringify({ ...plan, reports }, null, 2)}\n`);
  return file;
};

const run = async (plan) => {
  const folder = await makeTestFolder();
  const redis = await startTestRedis();
  const backends = redis ? plan.backends : ['postgres'];
  if (!redis) say('On PostgreSQL only: there is no redis-server on the PATH.');
  say(`Seed ${plan.seed}: repeats the moments and the definitions of this run.`);
  try {
    const code = await runJest({ ...plan, backends }, folder, redis?.url);
    const reports = reportsIn(folder);
    console.log(tableOf(reports));
    for (const { fault, backend, broken } of reports)
      for (const words of broken) console.log(`${fault} on ${backend}: ${words}`);
    console.log(`Written to ${writeJson(plan, reports)}`);
    return code === 0 && reports.length > 0 ? 0 : 1;
  } finally {
    redis?.stop();
    rmSync(folder, { recursive: true, force: true });
    await removeLeftovers();
  }
};

try {
  process.exitCode = await run(readPlan());
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
