import type pg from 'pg';
import type { ErrorLog } from '../../platform/queue/error-log.js';

const EVERY_MS = 200;

const VERSIONS = {
  name: 'followed-versions',
  text: 'select id, version from workflow_executions where id = any($1)',
};

interface Waiting {
  readonly executionId: string;
  readonly seenVersion: number;
  readonly resolve: (hasMoved: boolean) => void;
}

/**
 * Sees when executions move on: one look at all of them in 200 ms, whatever the number of those who wait; none when
 * nobody does. A poll alone, because most transitions send no NOTIFY: it would take a lock of the whole database.
 */
export class ExecutionWatch {
  private readonly waiting = new Set<Waiting>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    /** Under the role follower, which sees all organizations; nothing but versions is read with it. */
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly errors: ErrorLog,
  ) {}

  /** Waits until the execution has another version, at most so long. @returns whether it has */
  moved(executionId: string, seenVersion: number, limits: { atMostMs: number; signal: AbortSignal }): Promise<boolean> {
    const { atMostMs, signal } = limits;
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((settle) => {
      const resolve = (hasMoved: boolean): void => {
        this.waiting.delete(waiting);
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        settle(hasMoved);
      };
      const giveUp = (): void => resolve(false);
      const waiting = { executionId, seenVersion, resolve };
      const timer = setTimeout(giveUp, atMostMs);
      signal.addEventListener('abort', giveUp);
      this.waiting.add(waiting);
      this.timer ??= setTimeout(() => void this.look(), EVERY_MS);
    });
  }

  private async look(): Promise<void> {
    try {
      await this.compare();
    } catch (error) {
      this.errors.report('watch-failed', 'workflow-executions', error);
    }
    this.timer = this.waiting.size > 0 ? setTimeout(() => void this.look(), EVERY_MS) : undefined;
  }

  private async compare(): Promise<void> {
    const ids = [...new Set([...this.waiting].map(({ executionId }) => executionId))];
    if (ids.length === 0) return;
    const { rows } = await this.pool.query<{ id: string; version: number }>({ ...VERSIONS, values: [ids] });
    const versions = new Map(rows.map(({ id, version }) => [id, version]));
    for (const { executionId, seenVersion, resolve } of [...this.waiting]) {
      if ((versions.get(executionId) ?? seenVersion) !== seenVersion) resolve(true);
    }
  }
}
