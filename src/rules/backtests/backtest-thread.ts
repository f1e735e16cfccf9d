import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { addResults, type BacktestResult, emptyResult } from './backtest-result.js';
import type { ThreadAssignment, ThreadOrder, ThreadReport } from './backtest-thread.messages.js';

/** Threads run what was compiled; a test runner that compiles as it goes has it beside the sources. */
const threadFile = new URL(
  './comparer.thread.js',
  import.meta.url.endsWith('.ts') ? import.meta.url.replace('/src/rules/', '/dist/rules/') : import.meta.url,
);

/** Memory that a thread's JavaScript may use, in MiB. */
const MEMORY_MB = 512;

/** The thread of one back-test: computing does not hold up requests. */
export class BacktestThread {
  private readonly worker: Worker;
  private readonly died: Promise<never>;

  constructor(assignment: ThreadAssignment) {
    this.worker = new Worker(threadFile, {
      workerData: assignment,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    this.died = new Promise((_, reject) => {
      this.worker.once('error', reject);
      this.worker.once('exit', (code) => reject(new Error(`The thread of the back-test ended with ${code}.`)));
    });
    this.died.catch(() => undefined);
  }

  /**
   * Compares cases. After each slice of work `pause` is awaited; when it answers false the rest is left.
   * @returns what was found in all of them, undefined when it was left
   * @throws Error when the thread died
   */
  async compare(cases: ThreadOrder['cases'], pause: () => Promise<boolean>): Promise<BacktestResult | undefined> {
    let result = emptyResult;
    for (let order = cases; ; order = []) {
      const { found, left } = await this.slice(order);
      result = addResults(result, found);
      if (!(await pause())) return undefined;
      if (left === 0) return result;
    }
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }

  private async slice(cases: ThreadOrder['cases']): Promise<ThreadReport> {
    const answer = once(this.worker, 'message');
    answer.catch(() => undefined);
    this.worker.postMessage({ cases });
    const [report] = (await Promise.race([answer, this.died])) as [ThreadReport];
    return report;
  }
}
