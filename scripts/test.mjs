// `npm test`: every suite, or those whose path is given; ends with one line of figures.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './build.mjs';
import { startTestRedis } from '../test/support/test-redis.mjs';
import { makeTestFolder, removeLeftovers } from '../test/support/test-folders.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

/** So few suites may fail beside others and be tried again alone; more are no accident of timing. */
const MOST_RETRIED = 3;

const runJest = (report, environment, paths = process.argv.slice(2)) => {
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', process.env.NODE_OPTIONS];
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const child = spawn(process.execPath, [jest, '--json', `--outputFile=${report}`, ...paths], {
    cwd: root,
    stdio: ['inherit', 'ignore', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: options.filter(Boolean).join(' '), ...environment },
  });
  // Jest ends by a signal without its teardown; this process stays to clear up.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
};

// A suite that does not even load has no failed test, and is a failure all the same.
const figuresOf = (report) => {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    skipped: result.numPendingTests + result.numTodoTests,
    failing: result.testResults.filter(({ status }) => status === 'failed'),
  };
};

const testsIn = (suites, status) =>
  suites.flatMap(({ assertionResults }) => assertionResults).filter((test) => test.status === status).length;

/** Suites with real processes and outages may miss their time beside others: they get a second run alone, and it is said. */
const retryAlone = async (figures, environment) => {
  const names = figures.failing.map(({ name }) => name);
  if (names.length === 0 || names.length > MOST_RETRIED) return figures;
  say(`Failed beside others, run again alone: ${names.map((name) => relative(root, name)).join(', ')}`);
  const report = join(folder, 'again.json');
  await runJest(report, environment, ['--runInBand', '--runTestsByPath', ...names]);
  if (!existsSync(report)) return figures;
  const again = figuresOf(report);
  const passed = figures.passed - testsIn(figures.failing, 'passed') + again.passed;
  return { ...again, passed, skipped: figures.skipped - testsIn(figures.failing, 'pending') + again.skipped };
};

/** Runs suites, those that failed a second time alone; undefined when Jest ended before it ran one. */
const runSuites = async (name, environment, paths) => {
  const report = join(folder, `${name}.json`);
  const { code, signal } = await runJest(report, environment, paths);
  if (!existsSync(report)) {
    say(signal ? `Jest was ended by ${signal}.` : 'Jest ended before it ran a suite; the reason stands above.');
    return undefined;
  }
  return { ...(await retryAlone(figuresOf(report), environment)), isWhole: code !== null };
};

/**
 * What puts nothing into a queue: the form of requests and answers, and rules as their authors see them. The story, with
 * all of Redis lost in its middle, runs on both by itself.
 */
const SAME_ON_BOTH =
  '(story|malformed|document|idempotency|isolation|conflicts|explanations|rule-index|rules-authoring|' +
  'rules-bundles|rules-limits|rules-sources|sealing)\\.e2e-spec';

/** The end-to-end suites once more with their queues in Redis. */
const runOnRedis = ({ url }) => {
  say('Once more with the queues in Redis: test/e2e');
  const suites = ['test/e2e', '--testPathIgnorePatterns', SAME_ON_BOTH];
  return runSuites('redis', { TEST_REDIS: url, TEST_QUEUE_URL: url }, suites);
};

const isGood = (figures) => figures?.isWhole && figures.failed === 0 && figures.failing.length === 0;
const total = (runs, figure) => runs.reduce((sum, run) => sum + run[figure], 0);

const folder = await makeTestFolder();
const redis = await startTestRedis();
try {
  const runs = [await runSuites('report', { TEST_REDIS: redis?.url })];
  if (!redis) say('Queue suites ran on PostgreSQL only: no redis-server on the PATH and no QUEUE_URL.');
  else if (process.argv.length === 2) runs.push(await runOnRedis(redis));
  process.exitCode = runs.every(isGood) ? 0 : 1;
  const known = runs.filter(Boolean);
  const skipped = total(known, 'skipped');
  const figures = `${total(known, 'passed')} passed, ${total(known, 'failed')} failed`;
  if (known.length > 0) process.stdout.write(`${figures}${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
} finally {
  redis?.stop();
  rmSync(folder, { recursive: true, force: true });
  await removeLeftovers();
}
