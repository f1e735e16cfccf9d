import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from '../../platform/config/child-environment.js';
import { compiledProgram } from '../../platform/config/compiled-program.js';
import type { ComparerFailure, ComparerMessage, ComparerStart, RevealedCases } from './backtest-process.messages.js';

const program = compiledProgram(import.meta.url, 'comparer.process.js');

/** Memory that its JavaScript may use, in MiB. */
const MEMORY_MB = 512;

/** The process of one back-test: reading, computing and the collection of its garbage do not hold up requests. */
export class BacktestProcess {
  private readonly child: ChildProcess;
  private readonly messages: AsyncIterator<[ComparerMessage | ComparerFailure]>;
  private coming: Promise<ComparerMessage> | undefined;

  constructor(start: ComparerStart) {
    this.child = fork(program, {
      env: childEnvironment({}),
      execArgv: ['--enable-source-maps', `--max-old-space-size=${MEMORY_MB}`],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.messages = on(this.child, 'message', { close: ['disconnect'] }) as AsyncIterator<
      [ComparerMessage | ComparerFailure]
    >;
    this.send(start);
  }

  /**
   * @returns what it says next, undefined when it says nothing for so many milliseconds
   * @throws Error when it cannot go on or died
   */
  async next(withinMs: number, signal?: AbortSignal): Promise<ComparerMessage | undefined> {
    this.coming ??= this.receive();
    const over = new AbortController();
    const signals = signal ? [signal, over.signal] : [over.signal];
    const silence = sleep(withinMs, undefined, { signal: AbortSignal.any(signals) }).catch(() => undefined);
    const message = await Promise.race([this.coming, silence]).finally(() => over.abort());
    if (message) this.coming = undefined;
    return message;
  }

  /** Answers to sealed decisions. */
  reveal(cases: RevealedCases): void {
    this.send(cases);
  }

  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  private async receive(): Promise<ComparerMessage> {
    const coming = await this.messages.next();
    if (coming.done) throw new Error('The process of the back-test died; what it said last is on the error output.');
    const [message] = coming.value;
    if (message.kind === 'failed') throw new Error(message.reason);
    return message;
  }

  private send(message: ComparerStart | RevealedCases): void {
    // A process that is gone is found where its next message is awaited.
    this.child.send(message, () => undefined);
  }
}
