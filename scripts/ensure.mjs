// Brings a clone to where `node dist/main.js` can run: dependencies installed, sources compiled. The first time it runs
// on whatever Node is there (20 is enough) and without any dependency, later on the Node 24 of node_modules.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, isBuilt, root } from './build.mjs';
import { claim, withLock } from './lock.mjs';

const stampFile = join(root, 'node_modules', '.ensure-stamp');
const lockFolder = join(root, '.data', 'ensure.lock');

/**
 * Installs and compiles what is missing or out of date, and does nothing in a few milliseconds otherwise. The tools of
 * development are more than half of all packages, so a start does without them.
 */
export const ensure = async ({ development = false, forceBuild = false } = {}) => {
  if (isInstalled(development) && isBuilt() && !forceBuild) return;
  accessSync(root, constants.W_OK);
  await withLock(
    lockFolder,
    async () => {
      if (!isInstalled(development)) await timed('Installing dependencies', () => install(development));
      if (!isBuilt() || forceBuild) await timed('Compiling', build);
    },
    (pids) => say(`Waiting for process ${pids.join(', ')}, which is installing or compiling here.`),
  );
};

/** Records that node_modules fits the lock file. */
export const stampInstallation = (development) => {
  writeFileSync(`${stampFile}.new`, wantedStamp(development));
  renameSync(`${stampFile}.new`, stampFile);
};

const wantedStamp = (development) => {
  const { dependencies, devDependencies, optionalDependencies, overrides, allowScripts } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const wanted = [dependencies, devDependencies, optionalDependencies, overrides, allowScripts];
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(JSON.stringify([wanted, process.platform, process.arch]))
    .digest('hex');
  return `${hash} ${development ? 'development' : 'production'}`;
};

const isInstalled = (development) => {
  try {
    const stamp = readFileSync(stampFile, 'utf8');
    return stamp === wantedStamp(true) || (!development && stamp === wantedStamp(false));
  } catch {
    return false;
  }
};

const install = async (development) => {
  // Tools are added to an installation that stands, because an application may be running from it.
  const command = development && isInstalled(false) ? ['install', '--no-save'] : ['ci'];
  rmSync(stampFile, { force: true });
  // The settings of a machine must not leave out what is needed here: platform packages, and their symlinks.
  const flags = ['--include=optional', '--ignore-scripts=false', '--loglevel=error'];
  await runNpm([...command, ...flags, development ? '--include=dev' : '--omit=dev']);
  checkNode();
  stampInstallation(development);
};

const runNpm = async (args) => {
  const npm = process.env.npm_execpath;
  const command = npm ? [process.execPath, npm, ...args] : ['npm', ...args];
  const child = spawn(command[0], command.slice(1), { cwd: root, stdio: ['ignore', 2, 2] });
  // npm outlives this process when only this one is killed; nobody may install beside it.
  const own = child.pid ? claim(lockFolder, child.pid) : undefined;
  const code = await new Promise((resolve) => child.once('error', resolve).once('close', resolve));
  if (own) rmSync(own, { force: true });
  if (code !== 0) throw new Error(`npm ${args[0]} failed (${code}); its own words stand above.`);
};

const checkNode = () => {
  const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`;
  const version = spawnSync('node', ['--version'], { encoding: 'utf8', env: { ...process.env, PATH: path } }).stdout;
  if (Number(/^v(\d+)/.exec(version ?? '')?.[1]) >= 24) return;
  throw new Error(
    `Node 24 or newer is needed to run, and npm brought none for ${process.platform}-${process.arch} ` +
      `(found ${version?.trim() || 'none'}). Install Node 24 and start again.`,
  );
};

const timed = async (what, work) => {
  say(`${what} …`);
  const start = performance.now();
  await work();
  say(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
};

const say = (text) => process.stderr.write(`${text}\n`);

if (process.argv[1] === import.meta.filename) {
  try {
    await ensure({ development: process.argv.includes('--development'), forceBuild: process.argv.includes('--build') });
  } catch (error) {
    const owner = error.code === 'EACCES' || error.code === 'EROFS' ? ` This user may not write to ${root}.` : '';
    say(`${error.message}${owner}`);
    process.exit(1);
  }
}
