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

const runJest = (report, redisUrl, paths = process.argv.slice(2)) => {
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', process.env.NODE_OPTIONS];
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const child = spawn(process.execPath, [jest, '--json', `--outputFile=${report}`, ...paths], {
    cwd: root,
    stdio: ['inherit', 'ignore', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: options.filter(Boolean).join(' '), TEST_REDIS: redisUrl },
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
const retryAlone = async (figures, redisUrl) => {
  const names = figures.failing.map(({ name }) => name);
  if (names.length === 0 || names.length > MOST_RETRIED) return figures;
  say(`Failed beside others, run again alone: ${names.map((name) => relative(root, name)).join(', ')}`);
  const report = join(folder, 'again.json');
  await runJest(report, redisUrl, ['--runInBand', '--runTestsByPath', ...names]);
  if (!existsSync(report)) return figures;
  const again = figuresOf(report);
  const passed = figures.passed - testsIn(figures.failing, 'passed') + again.passed;
  return { ...again, passed, skipped: figures.skipped - testsIn(figures.failing, 'pending') + again.skipped };
};

const summary = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

const folder = await makeTestFolder();
const report = join(folder, 'report.json');
const redis = await startTestRedis();
try {
  const { code, signal } = await runJest(report, redis?.url);
  process.exitCode = code ?? 1;
  if (!redis) say('Queue suites ran on PostgreSQL only: no redis-server on the PATH and no QUEUE_URL.');
  if (existsSync(report)) {
    const figures = await retryAlone(figuresOf(report), redis?.url);
    if (code !== null) process.exitCode = figures.failed === 0 && figures.failing.length === 0 ? 0 : 1;
    process.stdout.write(`${summary(figures)}\n`);
  } else say(signal ? `Jest was ended by ${signal}.` : 'Jest ended before it ran a suite; the reason stands above.');
} finally {
  redis?.stop();
  rmSync(folder, { recursive: true, force: true });
  await removeLeftovers();
}
