// Servers and the load generator each run in a process of their own, so that none waits for another's event loop.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const here = import.meta.dirname;
const root = join(here, '..', '..');
const READY_WITHIN_MS = 30_000;

/** The application as it is started in production, its log going to a file. */
export const startApplication = ({ folder, variables }, name = 'application') =>
  startServer('dist/main.js', { folder, name, variables, readyPath: '/health/ready' });

/** The bare route, with what it needs in `settings`. */
export const startPeer = ({ folder, variables }, settings) =>
  startServer('bench/support/peer.mjs', {
    folder,
    name: 'peer',
    variables: { ...variables, PEER_SETTINGS: JSON.stringify(settings) },
    readyPath: '/ready',
  });

/** A writer of bare rows, `rows` at a time; see `row-writer.mjs`. */
export const startRowWriter = async ({ folder, variables, ownerUrl }, { rows }) => {
  const settings = { ...variables, ROW_WRITER: JSON.stringify({ rows, ownerUrl }) };
  const child = forkLogged('row-writer', folder, settings);
  return { load: () => ask(child, 'load'), write: () => ask(child, 'write'), stop: () => end(child) };
};

/** A plain loop over due steps; see `step-loop.mjs`. */
export const startStepLoop = async (folder, settings) => {
  const child = forkLogged('step-loop', folder, { STEP_LOOP: JSON.stringify(settings) });
  return { run: () => ask(child, 'run'), stop: () => end(child) };
};

const forkLogged = (name, folder, variables) => {
  const log = openSync(join(folder, `${name}.log`), 'a');
  const env = { PATH: process.env.PATH, ...variables };
  return fork(join(here, `${name}.mjs`), [], { cwd: root, env, stdio: ['ignore', log, log, 'ipc'] });
};

/** As `npm start` and the image start it; a server that is compared gets the same. */
const FLAGS = ['--enable-source-maps', '--use-largepages=silent', '--expose-gc', '--heap-growing-percent=60'];

const startServer = async (module, { folder, name, variables, readyPath }) => {
  const port = await findFreePort();
  const log = openSync(join(folder, `${name}.log`), 'a');
  const child = fork(join(root, module), [], {
    cwd: root,
    env: { PATH: process.env.PATH, ...variables, PORT: String(port) },
    execArgv: [...FLAGS, '--import', join(here, 'cpu-report.mjs')],
    stdio: ['ignore', log, log, 'ipc'],
  });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(child, `${url}${readyPath}`, `${name} (its log: ${join(folder, `${name}.log`)})`);
  return { url, pid: child.pid, cpuMicroseconds: () => ask(child, 'cpu'), stop: () => end(child) };
};

const untilReady = async (child, url, name) => {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`The process ${name} did not become ready.`);
};

/** Memory of a process that is in use, shared pages included. */
export const residentBytes = (pid) =>
  Number(spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout) * 1024;

/** Runs load from a process of its own; see `load.mjs` for the settings and the answer. */
export const runLoad = async (settings) => {
  const child = fork(join(here, 'load.mjs'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    return await ask(child, settings);
  } finally {
    await end(child);
  }
};

const ask = (child, question) =>
  new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('The process ended instead of answering.'));
    child.once('exit', onExit).once('message', (answer) => {
      child.off('exit', onExit);
      resolve(answer);
    });
    child.send(question);
  });

// The database goes with the run, so nothing is gained by draining.
const end = async (child) => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

const findFreePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
};
