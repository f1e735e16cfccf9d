import type { LeasedWork } from '../../platform/queue/job-sweeper.js';
import type { QueuedJob } from '../../platform/queue/queues.js';
import type { AttemptPlace } from './webhook-outbox.js';

/** The name of the jobs that make attempts which somebody asked for, on the queue `webhooks`. */
export const WEBHOOK_JOB = 'send-webhook';

/** An attempt that is due, or whose process may be gone. */
export interface WaitingAttempt extends AttemptPlace {
  readonly organizationId: string;
  readonly correlationId: string;
}

/** The job that makes an attempt. */
export const attemptJob = ({ organizationId, deliveryId, attempt, correlationId }: WaitingAttempt): QueuedJob => ({
  name: WEBHOOK_JOB,
  data: { organizationId, deliveryId, attempt, correlationId },
  jobId: `webhook-${deliveryId}-${attempt}`,
});

/** How attempts that nobody makes are found and woken. */
export const attemptWork: LeasedWork<WaitingAttempt> = {
  name: 'webhooks',
  queue: 'webhooks',
  waiting: `select organization_id as "organizationId", delivery_id as "deliveryId", attempt,
      correlation_id as "correlationId"
    from webhook_attempts where status in ('due', 'sending') and lease_until <= clock_timestamp()
    order by lease_until limit 100`,
  jobOf: attemptJob,
};
