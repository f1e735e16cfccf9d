import { setTimeout as sleep } from 'node:timers/promises';
import { residentBytes, startApplication } from '../support/processes.mjs';
import { goal, medians } from '../support/report.mjs';

const ROLES = ['api', 'worker'];
const ROUNDS = 3;
/** By then what a start leaves behind was done: caches filled, sweepers run once. */
const SETTLED_AFTER_MS = 10_000;
const MEBIBYTE = 2 ** 20;

/** A role from its start until it is ready, and what it holds while nobody asks it anything. */
export const start = {
  name: 'start',
  run: async (bench) => {
    const environment = await bench.environment();
    const rows = [];
    for (const role of ROLES) {
      const rounds = [];
      for (let round = 0; round < ROUNDS; round++) rounds.push(await startOnce(environment, role));
      rows.push({ role, ...medians(rounds) });
    }
    return {
      title: `A role by itself, median of ${ROUNDS} starts on a database that is up to date`,
      rows,
      goals: rows.flatMap((row) => [
        goal(`${row.role}: ready after, s`, row['ready after s'], { atMost: 3 }),
        goal(`${row.role}: memory when idle, MiB`, row['idle MiB'], { atMost: 220 }),
      ]),
    };
  },
};

const startOnce = async ({ folder, variables }, role) => {
  const begun = performance.now();
  const own = { ...variables, PROCESS_ROLE: role };
  const { pid, stop } = await startApplication({ folder, variables: own }, `start-${role}`);
  const readyAfterMs = performance.now() - begun;
  await sleep(SETTLED_AFTER_MS);
  const bytes = residentBytes(pid);
  await stop();
  return { 'ready after s': readyAfterMs / 1000, 'idle MiB': bytes / MEBIBYTE };
};
