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

/** Removes the folder of a run and what its server stored elsewhere. */
export const removeTestFolder = async (folder, data) => {
  if (!data.startsWith(folder)) await rm(dirname(data), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
};

/** Ends the servers and removes the folders of runs that were killed. */
export const removeLeftovers = async () => {
  for (const name of await readdir(tmpdir())) {
    const folder = join(tmpdir(), name);
    if (!name.startsWith(PREFIX)) continue;
    try {
      if (statSync(folder).uid !== process.getuid() || !existsSync(join(folder, 'owner'))) continue;
      if (livingOthers(join(folder, 'owner')).length > 0) continue;
      const { stopAbandonedPostgres } = await importBuilt('platform/embedded/embedded-postgres.js');
      await removeTestFolder(folder, await stopAbandonedPostgres(folder));
    } catch (error) {
      process.stderr.write(`Left as it is: ${folder} (${error.message})\n`);
    }
  }
};
