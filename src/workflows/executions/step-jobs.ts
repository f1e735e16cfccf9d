import type { QueuedJob, Queues } from '../../platform/queue/queues.js';
import type { DueRun } from './execution-store.js';
import type { StepQueue } from './step-actions.js';
import type { TransitionChange } from './transition-change.js';

/** The name of the jobs that do steps, on each queue that steps run on. */
export const STEP_JOB = 'run-step';

/** The queues that steps run on. */
export const stepQueues: readonly StepQueue[] = ['workflow-steps', 'emails', 'webhooks'];

/** A job with the queue it belongs to. */
export interface StepJob extends QueuedJob {
  readonly queue: StepQueue;
}

/** For so long a further reminder of the same run is left out, in milliseconds. */
const REMINDED_FOR_MS = 2_000;

/**
 * A further reminder must have an id of its own: the job of the one before may still stand in the queue as that of a
 * worker which is gone, and would keep the same id from being added until the queue notices.
 */
export const swept = (job: StepJob, nowMs: number): StepJob => ({
  ...job,
  jobId: `${job.jobId}-swept-${Math.floor(nowMs / REMINDED_FOR_MS)}`,
});

/** The reminder that a run is due. The fence in its id lets a run be added again whose former job still lingers. */
export const jobOf = (
  organizationId: string,
  { id, queue, fence, delayMs }: { id: string; queue: StepQueue; fence: number; delayMs?: number },
): StepJob => ({
  queue,
  name: STEP_JOB,
  jobId: `s-${id}-${fence}`,
  data: { organizationId, stepRunId: id },
  ...(delayMs !== undefined && { delayMs }),
});

/**
 * The reminder that something was delivered to a run: with an id of its own, because the alarm of the run's timer may
 * stand in the queue under the run's.
 */
export const deliveredJob = (organizationId: string, run: DueRun): StepJob => {
  const job = jobOf(organizationId, run);
  return { ...job, jobId: `${job.jobId}-delivered` };
};

/** Hints at what a transition left to others: runs that began, and the step that waited for the execution's end. */
export function wakeTransition(
  queues: Pick<Queues, 'wake'>,
  organizationId: string,
  { change, parent }: { readonly change: Pick<TransitionChange, 'begun'>; readonly parent: DueRun | null },
): void {
  const begun = change.begun.flatMap(({ id, queue, status, delayMs }) =>
    status === 'waiting' && delayMs !== null ? [jobOf(organizationId, { id, queue, fence: 0, delayMs })] : [],
  );
  wakeRuns(queues, parent ? [...begun, deliveredJob(organizationId, parent)] : begun);
}

/** Hints that runs are or will be due; a hint may be lost, the sweeper stands behind it. */
export function wakeRuns(queues: Pick<Queues, 'wake'>, jobs: readonly StepJob[]): void {
  for (const queue of stepQueues) {
    queues.wake(
      queue,
      jobs.filter((job) => job.queue === queue),
    );
  }
}
