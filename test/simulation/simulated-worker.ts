import type { QueuedJob } from '../../src/platform/queue/queues.js';
import { StepRunner } from '../../src/workflows/executions/step-runner.js';
import { StepSweeper } from '../../src/workflows/executions/step-sweeper.js';
import type { Random } from './random.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { JobTaker } from './simulated-queues.js';
import { overNetwork, type Servers } from './over-network.js';

const CONCURRENCY = 20;

/** A worker process: the runner and the sweeper of the product, over a network that may fail and in a process that may die. */
export class SimulatedWorker implements JobTaker {
  private readonly runner: StepRunner;
  private readonly sweeper: StepSweeper;
  private readonly drain = new AbortController();
  private active = 0;

  constructor(
    readonly process: SimulatedProcess,
    random: Random,
    servers: Servers,
  ) {
    const reached = overNetwork(process, random, servers);
    this.runner = new StepRunner(reached);
    this.sweeper = new StepSweeper(reached);
    this.sweeper.start();
  }

  get name(): string {
    return this.process.name;
  }

  get isRunning(): boolean {
    return this.process.isRunning;
  }

  get isDead(): boolean {
    return this.process.isDead;
  }

  get isEnding(): boolean {
    return this.drain.signal.aborted;
  }

  get canTake(): boolean {
    return !this.isDead && !this.isEnding && this.active < CONCURRENCY;
  }

  /** SIGTERM: what runs ends, nothing else is begun. */
  end(): void {
    this.drain.abort();
    void this.sweeper.stop();
  }

  async take({ data }: QueuedJob): Promise<void> {
    this.active++;
    await new Promise<void>((resolve) => void this.process.after(1, resolve));
    await this.runner.handle(data, this.drain.signal).catch(() => undefined);
    this.active--;
  }
}
