import type { ExecutionSnapshot } from './execution-snapshot.js';

/** An execution as it was read or written last, and when, by this process's monotonic clock in milliseconds. */
export interface ReadExecution {
  readonly execution: ExecutionSnapshot;
  readonly readAt: number;
}

/** The steps of one execution that this process does at the same time: their transitions are written one by one. */
class ExecutionLine {
  users = 0;
  /** The newest state that one of them left behind, so that the next one need not ask for it. */
  latest: ReadExecution | undefined;
  private last: Promise<unknown> = Promise.resolve();

  /** Runs `write` when all are done that came before. */
  inTurn<R>(write: () => Promise<R>): Promise<R> {
    const turn = this.last.then(write);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}

export type { ExecutionLine };

/**
 * Branches that end at the same moment all want to move the same execution on, and only one at a time can. Those of one
 * process stand in line here instead of colliding in the database.
 */
export class ExecutionLines {
  private readonly lines = new Map<string, ExecutionLine>();

  /** Runs `work` with the line of an execution, which is kept as long as anybody uses it. */
  async within<R>(executionId: string, work: (line: ExecutionLine) => Promise<R>): Promise<R> {
    const line = this.lines.get(executionId) ?? new ExecutionLine();
    this.lines.set(executionId, line);
    line.users++;
    try {
      return await work(line);
    } finally {
      if (--line.users === 0) this.lines.delete(executionId);
    }
  }
}
