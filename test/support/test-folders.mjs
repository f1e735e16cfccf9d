import { existsSync, statSync } from 'node:fs';
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { claim, livingOthers } from '../../scripts/lock.mjs';
import { root } from '../../scripts/build.mjs';

const PREFIX = 'proviso-test-';

/** Imports a module of `dist` by its path there. */
export const importBuilt = (path) => import(join(root, 'dist', path));

/** Makes the folder of one test run. It names the process that it belongs to, so that the next run can tell it is dead. */
export const makeTestFolder = async () => {
  const folder = join(tmpdir(), `${PREFIX}${process.pid}-${Date.now()}`);
  await mkdir(folder);
  // As root, the server runs under another account and must get through.
  await chmod(folder, 0o755);
  claim(join(folder, 'owner'), process.pid);
  return folder;
};

/** Removes the folder of a run, with the servers that were started in it and what they stored elsewhere. */
export const removeTestFolder = async (folder) => {
  const { stopAbandonedPostgres } = await importBuilt('platform/embedded/embedded-postgres.js');
  const served = (await foldersWithin(folder, 3)).filter((name) => existsSync(join(name, 'postgres.password')));
  for (const name of served) {
    const data = await stopAbandonedPostgres(name);
    if (!data.startsWith(folder)) await rm(dirname(data), { recursive: true, force: true });
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
};

// Not into clusters: their files come and go while the server lives.
const foldersWithin = async (folder, depth) => {
  if (depth === 0) return [folder];
  const entries = await readdir(folder, { withFileTypes: true });
  const inner = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('postgres'));
  return [folder, ...(await Promise.all(inner.map(({ name }) => foldersWithin(join(folder, name), depth - 1)))).flat()];
};

/** Ends the servers and removes the folders of runs that were killed. */
export const removeLeftovers = async () => {
  for (const name of await readdir(tmpdir())) {
    const folder = join(tmpdir(), name);
    if (!name.startsWith(PREFIX)) continue;
    try {
      if (statSync(folder).uid !== process.getuid() || !existsSync(join(folder, 'owner'))) continue;
      if (livingOthers(join(folder, 'owner')).length > 0) continue;
      await removeTestFolder(folder);
    } catch (error) {
      process.stderr.write(`Left as it is: ${folder} (${error.message})\n`);
    }
  }
};
