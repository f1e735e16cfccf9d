import type { LeasedWork } from '../../platform/queue/job-sweeper.js';
import type { QueuedJob } from '../../platform/queue/queues.js';

/** The name of the jobs that compute back-tests, on the queue `jobs`. */
export const BACKTEST_JOB = 'backtest-rule';

/** A back-test that may have something to do. */
export interface WaitingBacktest {
  readonly organizationId: string;
  readonly id: string;
  readonly version: number;
  readonly correlationId: string;
}

/** The job that carries a back-test on. Its id keeps a second one from being added. */
export const backtestJob = ({ organizationId, id, version, correlationId }: WaitingBacktest): QueuedJob => ({
  name: BACKTEST_JOB,
  data: { organizationId, backtestId: id, correlationId },
  jobId: `backtest-${id}-${version}`,
});

/** How back-tests that nobody works on are found and woken. */
export const backtestWork: LeasedWork<WaitingBacktest> = {
  name: 'backtests',
  queue: 'jobs',
  waiting: `select organization_id as "organizationId", id, version, correlation_id as "correlationId"
    from backtests where status in ('queued', 'running') and lease_until <= clock_timestamp()
    order by lease_until limit 100`,
  jobOf: backtestJob,
};
