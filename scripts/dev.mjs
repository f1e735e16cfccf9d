// `npm run dev`: compiles on every change and starts the application anew.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fingerprintSources, root } from './build.mjs';
import { ensure } from './ensure.mjs';

const POLL_MS = 500;
const say = (text) => process.stderr.write(`${text}\n`);

let application;
let ending = false;

const start = () => {
  const child = spawn(process.execPath, ['--enable-source-maps', join(root, 'dist', 'main.js')], { stdio: 'inherit' });
  const ended = new Promise((resolve) => child.once('error', resolve).once('close', resolve));
  application = { child, ended };
};

const stop = async () => {
  application?.child.kill('SIGTERM');
  await application?.ended;
};

const restart = async () => {
  try {
    await ensure();
  } catch (error) {
    return say(`${error.message}\nThe application runs on as it was.`);
  }
  await stop();
  if (!ending) start();
};

// Asked, not watched: recursive watching loses files that an editor replaces instead of writing.
const follow = async () => {
  for (let seen = fingerprintSources(); !ending; await delay(POLL_MS)) {
    const current = fingerprintSources();
    if (current === seen) continue;
    seen = current;
    await restart();
  }
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    ending = true;
    await stop();
    process.exit(0);
  });
}

start();
await follow();
