import { faults } from './catalogue.js';
import type { FaultRun } from './run-fault.js';
import type { Backend } from './fault-scene.js';

/** What `npm run crash` asks for, in the environment variable `CRASH_PLAN` as JSON. */
export interface CrashPlan {
  /** Moments of each run. */
  readonly seeds: number;
  readonly seed: number;
  readonly inFlight: number;
  /** Names of faults; all of them when left out. */
  readonly faults?: readonly string[];
  readonly backends?: readonly Backend[];
}

const OUTAGE_MOMENTS = 2;
/** A lease of six seconds, a sweep each half of one, and the rest for the job. */
const LONGEST_TAKEOVER_S = 8;
/** The runs that the environment asks for. */
export function plannedRuns(text: string): readonly FaultRun[] {
  const plan = JSON.parse(text) as CrashPlan;
  const { seed, seeds, inFlight } = plan;
  return faults
    .filter(({ name }) => plan.faults?.includes(name) ?? true)
    .flatMap((fault) =>
      fault.backends
        .filter((backend) => plan.backends?.includes(backend) ?? true)
        .map((backend) => {
          const moments = fault.isOutage ? Math.min(OUTAGE_MOMENTS, seeds) : seeds;
          return { fault, backend, seed, moments, inFlight, longestTakeoverS: LONGEST_TAKEOVER_S };
        }),
    );
}
