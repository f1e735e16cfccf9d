import { appendFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { plannedRuns } from './faults/plan.js';
import { type FaultReport, type FaultRun, runFault } from './faults/run-fault.js';

const { CRASH_PLAN, CRASH_REPORT } = process.env;
const RUN_WITHIN_MS = 900_000;

const say = (line: string): void => {
  if (CRASH_PLAN) process.stderr.write(`${line}\n`);
};

interface BegunRun {
  readonly report: Promise<FaultReport>;
  /** When it only waits for its executions to end, or was broken off. */
  readonly recovered: Promise<void>;
}

const beginAfter = (before: Promise<void>, run: FaultRun): BegunRun => {
  let onRecovered = (): void => undefined;
  const recovered = new Promise<void>((resolve) => (onRecovered = resolve));
  const report = before.then(() => runFault(run, { say, onRecovered })).finally(() => onRecovered());
  // Its own test is told; until then nobody waits for it.
  report.catch(() => undefined);
  return { report, recovered };
};

const runs = plannedRuns(CRASH_PLAN).map((run, index) => ({
  run,
  index,
  title: `${run.fault.name} on ${run.backend}`,
}));

describe('executions that are under way while the installation is hurt', () => {
  const begun: BegunRun[] = [];

  beforeAll(() => {
    // While the executions of one run come to their end, the installation of the next one is set up.
    for (const { run } of runs) begun.push(beginAfter(begun.at(-1)?.recovered ?? Promise.resolve(), run));
  });

  it.each(runs)(
    'end rightly, with every effect accounted for: $title',
    async ({ run, index }) => {
      const report = await begun[index]!.report;
      if (CRASH_REPORT) appendFileSync(CRASH_REPORT, `${JSON.stringify(report)}\n`);
      expect(report.broken).toEqual([]);
      expect(report.executions).toBeGreaterThanOrEqual(run.inFlight);
    },
    RUN_WITHIN_MS,
  );
});
