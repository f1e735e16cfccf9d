import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../audit/audit.contract.js';
import { systemActor } from '../../identity/identity.contract.js';
import { newId } from '../../kernel/id.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Actor } from '../../platform/http/actor.js';
import { failureOf } from '../../platform/queue/failure.js';
import { Queues } from '../../platform/queue/queues.js';
import { backtestJob } from './backtest-alarm.js';
import { BacktestRun } from './backtest-run.js';
import type { BacktestProcess } from './backtest-process.js';
import { BacktestProcesses } from './backtest-processes.js';
import type { Backtest } from './backtest.js';
import { findBacktest } from './find-backtest.js';
import { type HeldBacktest, whileHeld } from './held-backtest.js';
import { SealedCases } from './sealed-cases.js';

/** A job works so long, then another one goes on: so that a process drains soon and jobs take turns. */
const WORKS_FOR_MS = 10_000;

/** Computes back-tests by jobs. A job may come twice or be lost: who works on a back-test stands in its row. */
@Injectable()
export class BacktestWorker {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly processes: BacktestProcesses,
    private readonly sealedCases: SealedCases,
    private readonly queues: Queues,
  ) {}

  async handle({ organizationId, backtestId, correlationId }: JsonObject, signal?: AbortSignal): Promise<void> {
    if (typeof organizationId !== 'string' || typeof backtestId !== 'string') return;
    const trail = { correlationId: typeof correlationId === 'string' ? correlationId : newId() };
    const held = await this.claim(systemActor(organizationId, trail), backtestId);
    if (held) await this.carryOn(held, signal);
  }

  private claim(actor: Actor, id: string): Promise<HeldBacktest | undefined> {
    return this.unitOfWork.run(actor, async (unit) => {
      const backtest = await findBacktest(unit.em, id);
      const worker = newId();
      return backtest.claim(worker, new Date()) ? { actor, backtest, worker } : undefined;
    });
  }

  private async carryOn(held: HeldBacktest, signal?: AbortSignal): Promise<void> {
    const { unitOfWork, sealedCases } = this;
    let process: BacktestProcess | undefined;
    try {
      process = await this.processes.start(held.backtest);
      const run = new BacktestRun(held, { unitOfWork, sealedCases, process, signal });
      if ((await run.until(performance.now() + WORKS_FOR_MS)) === 'more') await this.handOn(held);
    } catch (error) {
      await this.stumble(held, failureOf(error).message);
      throw error;
    } finally {
      await process?.stop();
    }
  }

  private handOn(held: HeldBacktest): Promise<void> {
    return this.change(held, (backtest) => {
      backtest.release(new Date());
      return [];
    });
  }

  private stumble(held: HeldBacktest, failure: string): Promise<void> {
    return this.change(held, (backtest) => backtest.stumble(failure, new Date()));
  }

  /** Wakes whoever goes on, if there is more to do. */
  private async change(
    held: HeldBacktest,
    change: (backtest: Backtest) => ReturnType<Backtest['stumble']>,
  ): Promise<void> {
    await whileHeld(this.unitOfWork, held, (backtest, unit) => {
      unit.record('backtest', backtest, ...change(backtest));
      if (!backtest.isFinished()) unit.onCommitted(() => this.queues.wake('jobs', [backtestJob(backtest)]));
    });
  }
}
