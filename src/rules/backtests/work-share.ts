import { setTimeout as sleep } from 'node:timers/promises';

/** Keeps work to a share of the time: after each piece, measured, it waits so long that the share is kept. */
export class WorkShare {
  private resumedAt = performance.now();

  /** `share` above 0 and up to 1. */
  constructor(private readonly share: number) {}

  /** Waits as long as the work since the last call demands; a signal ends the waiting. */
  async pause(signal?: AbortSignal): Promise<void> {
    const busyMs = performance.now() - this.resumedAt;
    const idleMs = busyMs * (1 / this.share - 1);
    if (idleMs > 0) await sleep(idleMs, undefined, { signal }).catch(() => undefined);
    this.resumedAt = performance.now();
  }
}
