import { hasOwnRedis } from '../../support/own-redis.js';
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
/** Of those that every `npm test` inflicts: fewer executions, beside other suites; on PostgreSQL without a Redis. */
const IN_EVERY_TEST = { seed: 20_261_126, inFlight: 40, longestTakeoverS: 2 * LONGEST_TAKEOVER_S };

const named = (name: string) => faults.find((fault) => fault.name === name)!;

const everyTest = (): FaultRun[] => [
  { fault: named('kill-within'), backend: 'postgres', moments: 4, ...IN_EVERY_TEST },
  { fault: named('stop'), backend: hasOwnRedis ? 'redis' : 'postgres', moments: 2, ...IN_EVERY_TEST },
  { fault: named('mangle-jobs'), backend: hasOwnRedis ? 'redis' : 'postgres', moments: 4, ...IN_EVERY_TEST },
];

/** The runs that the environment asks for, or those of every test. */
export function plannedRuns(text: string | undefined): readonly FaultRun[] {
  if (!text) return everyTest();
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
