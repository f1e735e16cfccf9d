import type { UnitOfWork } from '../../audit/audit.contract.js';
import type { BacktestProcess } from './backtest-process.js';
import type { ComparerReport, RecordedCase } from './backtest-process.messages.js';
import { type HeldBacktest, whileHeld } from './held-backtest.js';
import type { SealedCases } from './sealed-cases.js';

/** The lease is renewed at least so often, whether the process found time to report or not. */
const RENEW_MS = 1_000;

/** What a run works with. */
export interface RunDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly sealedCases: SealedCases;
  readonly process: BacktestProcess;
  readonly signal: AbortSignal | undefined;
}

/** One worker's turn with a back-test: makes durable what its process reports, and opens for it what is sealed. */
export class BacktestRun {
  constructor(
    private readonly held: HeldBacktest,
    private readonly dependencies: RunDependencies,
  ) {}

  /**
   * A turn ends with a report, so that each one brings the back-test on, however little time its process gets.
   * @returns `finished` when it is over or no longer this worker's, `more` when its time was up before
   */
  async until(deadline: number): Promise<'finished' | 'more'> {
    const { process, signal } = this.dependencies;
    for (;;) {
      const message = await process.next(RENEW_MS, signal);
      if (message?.kind === 'sealed') {
        await this.reveal(message.cases);
        continue;
      }
      if (!(await this.keep(message))) return 'finished';
      if (signal?.aborted || (message && performance.now() >= deadline)) return 'more';
    }
  }

  private async reveal(cases: readonly RecordedCase[]): Promise<void> {
    const { process, sealedCases } = this.dependencies;
    process.reveal(await sealedCases.reveal(this.held.backtest.organizationId, cases));
  }

  /** @returns whether this worker has more to do */
  private async keep(report: ComparerReport | undefined): Promise<boolean> {
    const isHeld = await (report ? this.report(report) : this.renew());
    return isHeld && report?.isComplete !== true;
  }

  private report({ found, cursor, isComplete }: ComparerReport): Promise<boolean> {
    return this.whileHeld((current, unit) => {
      current.advance(found, { at: new Date(cursor.at), id: cursor.id }, this.held.worker, new Date());
      if (isComplete) unit.record('backtest', current, ...current.complete(new Date()));
    });
  }

  private renew(): Promise<boolean> {
    return this.whileHeld((current) => current.renew(this.held.worker, new Date()));
  }

  private whileHeld(change: Parameters<typeof whileHeld>[2]): Promise<boolean> {
    return whileHeld(this.dependencies.unitOfWork, this.held, change);
  }
}
