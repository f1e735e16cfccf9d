import { appendFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { plannedRuns } from './faults/plan.js';
import { runFault } from './faults/run-fault.js';

const { CRASH_PLAN, CRASH_REPORT } = process.env;
const RUN_WITHIN_MS = 900_000;

const say = (line: string): void => {
  if (CRASH_PLAN) process.stderr.write(`${line}\n`);
};

const runs = plannedRuns(CRASH_PLAN).map((run) => ({ ...run, title: `${run.fault.name} on ${run.backend}` }));

describe('executions that are under way while the installation is hurt', () => {
  it.each(runs)(
    'end rightly, with every effect accounted for: $title',
    async (run) => {
      const report = await runFault(run, say);
      if (CRASH_REPORT) appendFileSync(CRASH_REPORT, `${JSON.stringify(report)}\n`);
      expect(report.broken).toEqual([]);
      expect(report.executions).toBeGreaterThanOrEqual(run.inFlight);
    },
    RUN_WITHIN_MS,
  );
});
