import { setTimeout as sleep } from 'node:timers/promises';
import type { UnitOfWork } from '../../audit/audit.contract.js';
import type { Actor } from '../../platform/http/actor.js';
import { addResults, emptyResult } from './backtest-result.js';
import type { BacktestThread } from './backtest-thread.js';
import type { Backtest, BacktestCursor } from './backtest.js';
import { findBacktest } from './find-backtest.js';
import type { RecordedBatch, RecordedBatches } from './recorded-batches.js';
import { WorkShare } from './work-share.js';

/** What was found becomes durable so often, and the lease is renewed with it. */
const REPORT_MS = 1_000;

/** A back-test in the hands of one worker. */
export interface HeldBacktest {
  readonly actor: Actor;
  readonly backtest: Backtest;
  readonly worker: string;
}

/** What a run works with. */
export interface RunDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly batches: RecordedBatches;
  readonly thread: BacktestThread;
  readonly signal: AbortSignal | undefined;
}

/** One worker's turn with a back-test: batch after batch, each slice of work followed by the pause that its share asks for. */
export class BacktestRun {
  private found = emptyResult;
  private cursor: BacktestCursor;
  private reportedAt = performance.now();
  private isHeld = true;
  private reading: Promise<RecordedBatch> | undefined;
  private readonly share: WorkShare;

  constructor(
    private readonly held: HeldBacktest,
    private readonly dependencies: RunDependencies,
  ) {
    const { cursorAt, cursorId, cpuShare } = held.backtest;
    this.cursor = { at: cursorAt, id: cursorId };
    this.share = new WorkShare(cpuShare);
  }

  /** @returns `finished` when it is over or no longer this worker's, `more` when its time was up before */
  async until(deadline: number): Promise<'finished' | 'more'> {
    while (await this.takeBatch()) {
      if (this.dependencies.signal?.aborted || performance.now() >= deadline) {
        await this.report();
        return this.isHeld ? 'more' : 'finished';
      }
    }
    return this.isHeld && this.dependencies.signal?.aborted ? 'more' : 'finished';
  }

  /** @returns whether there may be another one */
  private async takeBatch(): Promise<boolean> {
    const { cases, erased, cursor } = await (this.reading ?? this.read(this.cursor));
    if (!cursor) {
      await this.report(true);
      return false;
    }
    this.reading = this.read(cursor);
    const found = await this.dependencies.thread.compare(cases, () => this.pause());
    if (!found) {
      await this.report();
      return false;
    }
    this.found = addResults(this.found, { ...found, erased });
    this.cursor = cursor;
    return true;
  }

  /** The next batch is read while the thread has one to compare. */
  private read(cursor: BacktestCursor): Promise<RecordedBatch> {
    const reading = this.dependencies.batches.next(this.held.backtest, cursor);
    // Who waits for it sees its failure; when nobody does any more it is of no interest.
    reading.catch(() => undefined);
    return reading;
  }

  /** Rests in short pieces, so that the lease is kept and a cancelled back-test stops soon. */
  private async pause(): Promise<boolean> {
    const { signal } = this.dependencies;
    const until = this.share.restUntil();
    for (;;) {
      if (performance.now() - this.reportedAt >= REPORT_MS) await this.report();
      const leftMs = until - performance.now();
      if (leftMs <= 0 || !this.isHeld || signal?.aborted) break;
      await sleep(Math.min(leftMs, REPORT_MS), undefined, { signal }).catch(() => undefined);
    }
    this.share.resume();
    return this.isHeld && !signal?.aborted;
  }

  /** Makes what was found durable, unless somebody else holds the back-test by now or it was cancelled. */
  private async report(isComplete = false): Promise<void> {
    const { actor, backtest, worker } = this.held;
    this.isHeld = await this.dependencies.unitOfWork.run(actor, async (unit) => {
      const current = await findBacktest(unit.em, backtest.id);
      if (!current.isHeldBy(worker)) return false;
      current.advance(this.found, this.cursor, worker, new Date());
      if (isComplete) unit.record('backtest', current, ...current.complete(new Date()));
      return true;
    });
    this.found = emptyResult;
    this.reportedAt = performance.now();
  }
}
