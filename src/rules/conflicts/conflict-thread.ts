import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Worker } from 'node:worker_threads';
import { unavailable } from '../../kernel/domain-error.js';
import { compiledProgram } from '../../platform/config/compiled-program.js';
import type { ConflictReport } from '../engine/conflicts.js';
import type { ConflictAssignment } from './conflict-assignment.js';

const program = compiledProgram(import.meta.url, 'conflicts.thread.js');
/** So many may wait while one is computed. */
const MOST_WAITING = 8;
const WAIT_MS = 20_000;
/** The work is bounded by count; this is the net below it, for a machine that has no time for it. */
const RUN_MS = 120_000;
const MEMORY_MB = 512;
const RETRY_AFTER_SECONDS = 10;

/** Looks for conflicts in a thread of its own, so that requests do not wait; one at a time in a process. */
@Injectable()
export class ConflictThread implements OnModuleDestroy {
  private last: Promise<unknown> = Promise.resolve();
  /** With the one that is computed. */
  private waiting = 0;
  private worker: Worker | undefined;
  private isClosing = false;

  /** @throws unavailable `conflicts-busy` when too many wait or for too long, `conflicts-failed` when the thread ended */
  async find(assignment: ConflictAssignment): Promise<ConflictReport> {
    if (this.waiting > MOST_WAITING) throw busy();
    this.waiting++;
    const before = this.last;
    const turn = Promise.withResolvers<void>();
    this.last = before.then(() => turn.promise);
    try {
      await within(WAIT_MS, before);
      return await this.run(assignment);
    } finally {
      this.waiting--;
      turn.resolve();
    }
  }

  async onModuleDestroy(): Promise<void> {
    this.isClosing = true;
    await this.worker?.terminate();
  }

  private async run(assignment: ConflictAssignment): Promise<ConflictReport> {
    if (this.isClosing) throw busy();
    const worker = new Worker(program, {
      name: 'conflicts',
      workerData: assignment,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    this.worker = worker;
    try {
      return await within(RUN_MS, reportOf(worker));
    } finally {
      this.worker = undefined;
      await worker.terminate();
    }
  }
}

const busy = () =>
  unavailable('conflicts-busy', 'Other rule sets are being searched for conflicts; try again in a moment.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });

const reportOf = (worker: Worker): Promise<ConflictReport> =>
  new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(unavailable('conflicts-failed', 'The search for conflicts ended before it was done.', { cause }));
    worker.once('message', resolve);
    worker.once('error', fail);
    worker.once('exit', fail);
  });

/** @throws unavailable `conflicts-busy` when it is not done in time */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(busy()), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
