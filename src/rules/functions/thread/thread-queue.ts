import { Worker } from 'node:worker_threads';
import { type DomainError, unavailable } from '../../../kernel/domain-error.js';
import { compiledProgram } from '../../../platform/config/compiled-program.js';
import type { ThreadAnswer, ThreadResults, ThreadTask } from './thread-messages.js';

/** So many tasks may wait; more are refused. */
const MOST_WAITING = 100;
/** A task is given up when its answer is not there so long after it was asked for; a transaction lasts no longer. */
const PATIENCE_MS = 4_500;
/** Enough for compiled rule sets and the interpreter, whose own memory is bounded elsewhere. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 256, stackSizeMb: 4 };

const program = compiledProgram(import.meta.url, 'sandbox-thread.js');

interface Entry {
  readonly task: ThreadTask;
  readonly deadline: number;
  readonly resolve: (answer: ThreadAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One thread and the tasks that wait for it, in order. The thread is started by the first task; when it dies, the task
 * that it had fails and the next one gets a new thread. Nothing waits longer than a transaction may last.
 */
export class ThreadQueue {
  private worker: Worker | undefined;
  private running: Entry | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly waiting: Entry[] = [];
  private isClosed = false;

  constructor(private readonly onAnswer: (answer: ThreadAnswer) => void) {}

  /** Tasks that wait or run. */
  get length(): number {
    return this.waiting.length + (this.running ? 1 : 0);
  }

  /** @throws unavailable `sandbox-busy` when too many wait, `sandbox-unavailable` when the thread dies or hangs */
  async ask<K extends ThreadTask['kind']>(task: Extract<ThreadTask, { kind: K }>): Promise<ThreadResults[K]> {
    if (this.isClosed || this.waiting.length >= MOST_WAITING) throw busy();
    const answer = await new Promise<ThreadAnswer>((resolve, reject) => {
      this.waiting.push({ task, deadline: Date.now() + PATIENCE_MS, resolve, reject });
      this.next();
    });
    this.onAnswer(answer);
    return answer.result as ThreadResults[K];
  }

  /** Ends the thread; what waits for it fails. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const entry of this.waiting.splice(0)) entry.reject(busy());
    await this.replace(undefined);
  }

  private next(): void {
    if (this.running) return;
    const entry = this.waiting.shift();
    if (!entry) return void this.worker?.unref();
    if (Date.now() >= entry.deadline) {
      entry.reject(busy());
      return this.next();
    }
    this.running = entry;
    this.worker ??= this.start();
    this.worker.ref();
    this.worker.postMessage(entry.task);
    this.timer = setTimeout(() => void this.replace('It did not answer in time.'), entry.deadline - Date.now());
  }

  private start(): Worker {
    const worker = new Worker(program, { name: 'functions', env: {}, resourceLimits: RESOURCE_LIMITS });
    const isCurrent = () => this.worker === worker;
    worker.on('message', (answer: ThreadAnswer) => isCurrent() && this.settle((entry) => entry.resolve(answer)));
    worker.on('error', (error) => isCurrent() && void this.replace(error));
    worker.on('exit', (code) => isCurrent() && void this.replace(`It ended with code ${code}.`));
    return worker;
  }

  private async replace(cause: unknown): Promise<void> {
    const worker = this.worker;
    this.worker = undefined;
    this.settle((entry) => entry.reject(dead(cause)));
    await worker?.terminate();
  }

  private settle(how: (entry: Entry) => void): void {
    clearTimeout(this.timer);
    const entry = this.running;
    this.running = undefined;
    if (entry) how(entry);
    this.next();
  }
}

const busy = (): DomainError =>
  unavailable('sandbox-busy', 'Too many decisions wait for functions at the moment; try again.');

const dead = (cause: unknown): DomainError =>
  unavailable('sandbox-unavailable', 'The thread that runs functions failed and is replaced; try again.', { cause });
