import type { Job } from 'bullmq';
import { isObject, type JsonObject } from '../../kernel/json.js';
import { newId } from '../../kernel/id.js';
import { withLogContext } from '../logging/log-context.js';
import type { Logger } from '../logging/logger.js';
import type { ErrorLog } from './error-log.js';
import { failureOf } from './failure.js';
import type { JobHandlers } from './job-handlers.js';
import type { QueueBackend, Worker } from './queue-backend.js';
import { queueConcurrency, type QueueName } from './queues.js';
import { within } from './within.js';

/**
 * A job of a killed worker is taken over after lock and check interval together; the lock must outlast twice the
 * longest pause of the event loop. Five takeovers, because a job counts its own attempts in our tables.
 */
const takeover = { lockDuration: 8_000, stalledInterval: 1_000, maxStalledCount: 5 };
/** Pause before a worker asks a server again that did not answer. */
const RETRY_MS = 1_000;
const READY_WITHIN_MS = 10_000;
const DRAIN_WITHIN_MS = 30_000;
const DISCONNECT_WITHIN_MS = 2_000;

export interface WorkersDependencies {
  readonly backend: QueueBackend;
  readonly handlers: JobHandlers;
  readonly logger: Logger;
  readonly errors: ErrorLog;
}

/** The consumers of the queues in this process. */
export class Workers {
  private workers: Worker[] = [];

  constructor(private readonly dependencies: WorkersDependencies) {}

  /** Begins to take jobs of every queue that has a handler. @throws Error when a queue is not ready within 10 s */
  async start(): Promise<void> {
    this.workers = [...this.dependencies.handlers.queues()].map((queue) => this.open(queue));
    const ready = this.workers.map((worker) => worker.waitUntilReady());
    await within(READY_WITHIN_MS, Promise.all(ready), () => new Error('The workers cannot reach their queues.'));
  }

  /** Takes no more jobs and waits up to 30 s for the running ones; then tells them to stop and leaves. */
  async stop(): Promise<void> {
    const workers = this.workers.splice(0);
    await Promise.all(workers.map((worker) => closeWorker(worker)));
  }

  private open(queue: QueueName): Worker {
    const { backend, errors } = this.dependencies;
    // The parameters are counted: with three of them the job gets a signal.
    const worker = backend.openWorker(queue, (job, _token, signal) => this.process(queue, job, signal), {
      ...takeover,
      runRetryDelay: RETRY_MS,
      concurrency: queueConcurrency[queue],
    });
    worker.on('error', (error) => errors.report('worker-error', queue, error));
    return worker;
  }

  private process(queue: QueueName, job: Job<unknown>, signal: AbortSignal | undefined): Promise<void> {
    const data = (isObject(job.data) ? job.data : {}) as JsonObject;
    const context = {
      correlationId: textOf(data.correlationId) ?? newId(),
      organizationId: textOf(data.organizationId),
    };
    return withLogContext(context, async () => {
      const start = performance.now();
      const line = { queue, job: job.name, jobId: job.id, ids: shortIds(data) };
      try {
        await this.dependencies.handlers.get(queue, job.name).handle(data, signal);
        this.dependencies.logger.info({ event: 'job-completed', ...line, durationMs: since(start) });
      } catch (error) {
        const failure = failureOf(error);
        this.dependencies.logger.warn({ event: 'job-failed', ...line, durationMs: since(start), failure });
        throw error;
      }
    });
  }
}

async function closeWorker(worker: Worker): Promise<void> {
  try {
    await within(DRAIN_WITHIN_MS, worker.close(), () => new Error('The jobs did not end in time.'));
  } catch {
    worker.cancelAllJobs('The process ends.');
    await within(DISCONNECT_WITHIN_MS, worker.disconnect(), () => new Error('The queue is away.')).catch(
      () => undefined,
    );
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const since = (start: number): number => Math.round(performance.now() - start);

/** The ids of a job, lists by their length. */
const shortIds = ({ organizationId: _organization, correlationId: _correlation, ...ids }: JsonObject): object =>
  Object.fromEntries(Object.entries(ids).map(([name, value]) => [name, Array.isArray(value) ? value.length : value]));
