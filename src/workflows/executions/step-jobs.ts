import type { QueuedJob, Queues } from '../../platform/queue/queues.js';
import type { StepQueue } from './step-actions.js';

/** The name of the jobs that do steps, on each queue that steps run on. */
export const STEP_JOB = 'run-step';

/** The queues that steps run on. */
export const stepQueues: readonly StepQueue[] = ['workflow-steps', 'emails'];

/** A job with the queue it belongs to. */
export interface StepJob extends QueuedJob {
  readonly queue: StepQueue;
}

/** A second reminder must have an id of its own: the first one may still stand in the queue, and be late or stuck. */
export const swept = (job: StepJob): StepJob => ({ ...job, jobId: `${job.jobId}-swept` });

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

/** Hints that runs are or will be due; a hint may be lost, the sweeper stands behind it. */
export function wakeRuns(queues: Pick<Queues, 'wake'>, jobs: readonly StepJob[]): void {
  for (const queue of stepQueues) {
    queues.wake(
      queue,
      jobs.filter((job) => job.queue === queue),
    );
  }
}
