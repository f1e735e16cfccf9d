import type { LeasedWork } from '../../platform/queue/job-sweeper.js';
import type { QueuedJob } from '../../platform/queue/queues.js';

/** The name of the jobs that take imports in, on the queue `jobs`. */
export const IMPORT_JOB = 'import-leads';

/** An import that may have something to do. */
export interface WaitingImport {
  readonly organizationId: string;
  readonly id: string;
  readonly nextChunk: number;
  readonly correlationId: string;
}

/** The job that takes an import on from its next chunk. Its id keeps a second one from being added. */
export const importJob = ({ organizationId, id, nextChunk, correlationId }: WaitingImport): QueuedJob => ({
  name: IMPORT_JOB,
  data: { organizationId, importId: id, correlationId },
  jobId: `import-${id}-${nextChunk}`,
});

/** How imports that nobody works on are found and woken. */
export const importWork: LeasedWork<WaitingImport> = {
  name: 'imports',
  queue: 'jobs',
  waiting: `select organization_id as "organizationId", id, next_chunk as "nextChunk", correlation_id as "correlationId"
    from lead_imports where status in ('receiving', 'queued', 'running') and lease_until <= clock_timestamp()
    order by lease_until limit 100`,
  jobOf: importJob,
};
