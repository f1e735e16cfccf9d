// `npm test`: every suite, or those whose path is given; ends with one line of figures.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build.mjs';
import { startTestRedis } from '../test/support/test-redis.mjs';
import { makeTestFolder, removeLeftovers } from '../test/support/test-folders.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

const runJest = (report, redisUrl) => {
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', process.env.NODE_OPTIONS];
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const child = spawn(process.execPath, [jest, '--json', `--outputFile=${report}`, ...process.argv.slice(2)], {
    cwd: root,
    stdio: ['inherit', 'ignore', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: options.filter(Boolean).join(' '), TEST_REDIS: redisUrl },
  });
  // Jest ends by a signal without its teardown; this process stays to clear up.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
};

const summary = (report) => {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  // A suite that does not even load has no failed test, and is a failure all the same.
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  const skipped = result.numPendingTests + result.numTodoTests;
  return `${result.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
};

const folder = await makeTestFolder();
const report = join(folder, 'report.json');
const redis = await startTestRedis();
try {
  const { code, signal } = await runJest(report, redis?.url);
  process.exitCode = code ?? 1;
  if (!redis) say('Queue suites ran on PostgreSQL only: no redis-server on the PATH and no QUEUE_URL.');
  if (existsSync(report)) process.stdout.write(`${summary(report)}\n`);
  else say(signal ? `Jest was ended by ${signal}.` : 'Jest ended before it ran a suite; the reason stands above.');
} finally {
  redis?.stop();
  rmSync(folder, { recursive: true, force: true });
  await removeLeftovers();
}
