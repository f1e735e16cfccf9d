// Runs on Node 20 and before anything is built, so it shares no code with the application.
import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** When a running process began, in the system's own notation; `undefined` when there is no such process. */
const startOf = (pid) => {
  try {
    if (process.platform !== 'linux') {
      const ps = ['-o', 'lstart=', '-p', String(pid)];
      return execFileSync('ps', ps, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).replace(/\W/g, '');
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return undefined;
  }
};

/** Names a process by a file in the folder; returns the file's path. Pid and start together are never given twice. */
export const claim = (folder, pid) => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${pid}-${startOf(pid)}-${randomBytes(4).toString('hex')}`);
  writeFileSync(file, '');
  return file;
};

/** Pids of living processes named in the folder, this one left out; the files of dead ones are removed. */
export const livingOthers = (folder) => {
  const living = [];
  for (const name of readdirSync(folder)) {
    const [pid, start] = name.split('-');
    if (startOf(Number(pid)) !== start) rmSync(join(folder, name), { force: true });
    else if (Number(pid) !== process.pid) living.push(Number(pid));
  }
  return living;
};

/**
 * Runs `work` while nobody else runs theirs. Each contender names itself first and looks second, and steps back when
 * it is not alone; so two never hold the lock at once, and one that was killed holds nobody up. `work` may name its
 * children too, so that one that outlives it keeps the others waiting.
 */
export const withLock = async (folder, work, onWait) => {
  for (let waited = false; ; waited = true) {
    const own = claim(folder, process.pid);
    try {
      const others = livingOthers(folder);
      if (others.length === 0) return await work();
      if (!waited) onWait(others);
    } finally {
      rmSync(own, { force: true });
    }
    await delay(100 + Math.random() * 200);
  }
};
