import type { QueuedJob } from '../../src/platform/queue/queues.js';
import type { Random } from './random.js';
import type { VirtualTime } from './virtual-time.js';

/** Who may do jobs. */
export interface JobTaker {
  readonly name: string;
  readonly canTake: boolean;
  readonly isRunning: boolean;
  readonly isDead: boolean;
  /** Does a job; resolves when it is done, and never when the process is lost meanwhile. */
  take(job: QueuedJob): Promise<void>;
}

/** How unreliable a queue is. */
export interface QueueFaults {
  /** Shares of jobs that are lost, doubled, late, or early, because the queue has a clock of its own. */
  lossRate: number;
  doubleRate: number;
  lateRate: number;
  earlyRate: number;
}

interface Standing {
  readonly job: QueuedJob;
  taker?: JobTaker;
}

/** A job of a worker that does not answer is given to another one after so long. */
const STALLED_AFTER_MS = 9_000;
const NOBODY_THERE_MS = 200;
const LONGEST_LATENESS_MS = 8_000;
const LONGEST_EARLINESS_MS = 3_000;

/** A queue as BullMQ keeps one: jobs by id, each until it is done; and everything that may go wrong with it. */
export class SimulatedQueues {
  private readonly jobs = new Map<string, Standing>();
  private readonly takers: JobTaker[] = [];

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly faults: QueueFaults,
  ) {}

  /** A worker process asks for jobs from now on. */
  connect(taker: JobTaker): void {
    this.takers.push(taker);
  }

  /** Adds a job, unless one of its id waits or runs. */
  add(job: QueuedJob): void {
    const id = job.jobId!;
    if (this.jobs.has(id) || this.random.isLucky(this.faults.lossRate)) return;
    const standing: Standing = { job };
    this.jobs.set(id, standing);
    this.time.after((job.delayMs ?? 0) + this.deviationMs(), () => this.offer(standing));
    if (this.random.isLucky(this.faults.doubleRate)) {
      this.time.after((job.delayMs ?? 0) + this.random.integer(0, LONGEST_LATENESS_MS), () => this.double(job));
    }
  }

  /** Everything in the queue is lost. */
  flush(): void {
    this.jobs.clear();
  }

  private deviationMs(): number {
    if (this.random.isLucky(this.faults.lateRate)) return this.random.integer(0, LONGEST_LATENESS_MS);
    return this.random.isLucky(this.faults.earlyRate) ? -this.random.integer(0, LONGEST_EARLINESS_MS) : 0;
  }

  private isStanding(standing: Standing): boolean {
    return this.jobs.get(standing.job.jobId!) === standing;
  }

  private offer(standing: Standing): void {
    if (!this.isStanding(standing)) return;
    const ready = this.takers.filter(({ canTake }) => canTake);
    if (ready.length === 0) return void this.time.after(NOBODY_THERE_MS, () => this.offer(standing));
    const taker = this.random.pick(ready);
    standing.taker = taker;
    this.watch(standing, taker);
    void taker.take(standing.job).then(() => {
      if (this.isStanding(standing) && standing.taker === taker) this.jobs.delete(standing.job.jobId!);
    });
  }

  private watch(standing: Standing, taker: JobTaker): void {
    this.time.after(STALLED_AFTER_MS, () => {
      if (!this.isStanding(standing) || standing.taker !== taker) return;
      if (taker.isRunning) this.watch(standing, taker);
      else this.offer(standing);
    });
  }

  private double(job: QueuedJob): void {
    const ready = this.takers.filter(({ canTake }) => canTake);
    if (ready.length > 0) void this.random.pick(ready).take(job);
  }
}
