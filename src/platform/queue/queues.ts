import type { Job, JobsOptions } from 'bullmq';
import { unavailable } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import type { ErrorLog } from './error-log.js';
import type { Queue, QueueBackend } from './queue-backend.js';
import { within } from './within.js';

/** Every queue with the number of jobs that one process works on at a time; steps are mostly waited for, in batches. */
export const queueConcurrency = {
  'workflow-steps': 64,
  reactions: 5,
  emails: 10,
  webhooks: 10,
  jobs: 2,
  maintenance: 1,
} as const;

export type QueueName = keyof typeof queueConcurrency;

export const queueNames = Object.keys(queueConcurrency) as QueueName[];

/** A job to be done: ids only, because the tables are the truth and the job is only a reminder. */
export interface QueuedJob {
  readonly name: string;
  /** A `correlationId` and an `organizationId` in it appear on the log lines of the job. */
  readonly data: JsonObject;
  /** While a job of this id waits or runs, another one is not added; no colon, no bare number. */
  readonly jobId?: string;
  /** How long the job waits before it is due. */
  readonly delayMs?: number;
  /** Whether it goes before those that wait already. */
  readonly isUrgent?: boolean;
}

const READY_WITHIN_MS = 10_000;
const ADD_WITHIN_MS = 5_000;
const CLOSE_WITHIN_MS = 5_000;
const MAX_HINTS_IN_FLIGHT = 10_000;

/** The queues as their producers see them. */
export class Queues {
  private hintsInFlight = 0;

  private constructor(
    private readonly queues: ReadonlyMap<QueueName, Queue>,
    private readonly errors: ErrorLog,
  ) {}

  /** Opens every queue. @throws unavailable `queue-away` when one is not ready within 10 s, or what it failed with */
  static async open(backend: QueueBackend, errors: ErrorLog): Promise<Queues> {
    const opened = new Map(queueNames.map((name) => [name, openQueue(backend, name, errors)]));
    const queues = new Queues(opened, errors);
    try {
      await Promise.all([...opened.values()].map((queue) => within(READY_WITHIN_MS, queue.waitUntilReady(), away)));
    } catch (error) {
      await queues.close();
      throw error;
    }
    return queues;
  }

  /**
   * Hints that there is something to do: neither waits nor fails. The hint may be lost, so a sweeper must stand behind
   * what it tells of.
   */
  wake(queue: QueueName, jobs: readonly QueuedJob[]): void {
    if (jobs.length === 0) return;
    if (this.hintsInFlight >= MAX_HINTS_IN_FLIGHT) {
      this.errors.report('queue-hint-dropped', queue, away());
      return;
    }
    this.hintsInFlight++;
    void this.add(queue, jobs)
      .catch((error: unknown) => this.errors.report('queue-hint-dropped', queue, error))
      .finally(() => this.hintsInFlight--);
  }

  /** Adds jobs and waits until the queue has them. @throws unavailable `queue-away` after 5 s, or the queue's error */
  async addAll(queue: QueueName, jobs: readonly QueuedJob[]): Promise<void> {
    if (jobs.length > 0) await within(ADD_WITHIN_MS, this.add(queue, jobs), away);
  }

  /** Numbers of jobs by state, and since when the oldest one that is due has waited (undefined: none does). */
  async state(queue: QueueName): Promise<{ counts: Record<string, number>; oldestDueAt: Date | undefined }> {
    const opened = this.queues.get(queue)!;
    const read = Promise.all([
      opened.getJobCounts('waiting', 'active', 'delayed'),
      opened.getJobs(['waiting'], 0, 0, true),
    ]);
    const [counts, oldest] = await within(ADD_WITHIN_MS, read, away);
    return { counts, oldestDueAt: dueAt(oldest[0]) };
  }

  /** Every queue, for those who only look. */
  get all(): readonly Queue[] {
    return [...this.queues.values()];
  }

  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map(closeQueue));
  }

  private async add(name: QueueName, jobs: readonly QueuedJob[]): Promise<void> {
    const queue = this.queues.get(name)!;
    const [first] = jobs;
    // A bulk of one costs two temporary tables in PostgreSQL.
    if (jobs.length === 1) await queue.add(first!.name, first!.data, optionsOf(first!));
    else await queue.addBulk(jobs.map((job) => ({ name: job.name, data: job.data, opts: optionsOf(job) })));
  }
}

function openQueue(backend: QueueBackend, name: QueueName, errors: ErrorLog): Queue {
  // Kept jobs would keep their ids from being used again; trying again is decided by our tables.
  const defaultJobOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };
  const queue = backend.openQueue(name, { defaultJobOptions });
  queue.on('error', (error) => errors.report('queue-error', name, error));
  return queue;
}

/** A queue whose server is away refuses to close and would go on reconnecting. */
async function closeQueue(queue: Queue): Promise<void> {
  try {
    await within(CLOSE_WITHIN_MS, queue.close(), away);
  } catch {
    await within(CLOSE_WITHIN_MS, queue.disconnect(), away).catch(() => undefined);
  }
}

function optionsOf({ jobId, delayMs, isUrgent }: QueuedJob): JobsOptions {
  return {
    ...(jobId !== undefined && { jobId }),
    ...(delayMs !== undefined && { delay: Math.max(0, delayMs) }),
    ...(isUrgent && { lifo: true }),
  };
}

const dueAt = (job: Job | undefined): Date | undefined => job && new Date(job.timestamp + (job.delay ?? 0));

const away = (): Error => unavailable('queue-away', 'The queue does not answer; what is due stays in the database.');
