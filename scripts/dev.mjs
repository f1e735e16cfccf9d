// `npm run dev`: compiles on every change and starts the application anew.
import { spawn } from 'node:child_process';
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { build, root } from './build.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

let application;
let ending = false;
let timer;
let work = Promise.resolve();

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
  if (ending) return;
  try {
    await build();
  } catch (error) {
    return say(`${error.message}\nThe application runs on as it was.`);
  }
  await stop();
  if (!ending) start();
};

const onChange = () => {
  clearTimeout(timer);
  // Editors and version control write several files at once.
  timer = setTimeout(() => (work = work.then(restart)), 150);
};

for (const folder of ['src', 'migrations']) {
  if (existsSync(join(root, folder))) watch(join(root, folder), { recursive: true }, onChange);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    ending = true;
    await stop();
    process.exit(0);
  });
}
start();
