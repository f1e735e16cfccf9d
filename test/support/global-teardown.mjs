import { removeTestFolder } from './test-folders.mjs';

/** Ends the server of the run and leaves nothing behind. */
export default async () => {
  const run = globalThis.testRun;
  if (!run) return;
  await run.postgres.stop();
  await removeTestFolder(run.folder);
};
