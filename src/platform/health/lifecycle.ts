import { setTimeout as wait } from 'node:timers/promises';
import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { Logger } from '../logging/logger.js';

/** Where this process stands between start and end. */
@Injectable()
export class Lifecycle {
  private draining = false;

  /** Whether the process serves on but wants no new callers. */
  get isDraining(): boolean {
    return this.draining;
  }

  /** Turns readiness off, and waits as long as balancers may take to see it. */
  async drain(drainMs: number): Promise<void> {
    this.draining = true;
    await wait(drainMs);
  }
}

/**
 * Ends the process on SIGTERM and SIGINT: readiness turns off, requests are served for `drainMs` more, then everything
 * is closed, `afterClose` included, and the exit code is 0. A second signal ends it at once, with 1.
 */
export function closeOnSignals(
  app: INestApplicationContext,
  drainMs: number,
  afterClose: () => Promise<void> = () => Promise.resolve(),
): void {
  let isClosing = false;
  const close = (signal: NodeJS.Signals): void => {
    if (isClosing) process.exit(1);
    isClosing = true;
    void closeNow(app, { drainMs, signal, afterClose });
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, close);
}

interface Closing {
  readonly drainMs: number;
  readonly signal: NodeJS.Signals;
  readonly afterClose: () => Promise<void>;
}

async function closeNow(app: INestApplicationContext, { drainMs, signal, afterClose }: Closing): Promise<void> {
  const logger = app.get(Logger);
  try {
    logger.info({ event: 'draining', signal, drainMs });
    await app.get(Lifecycle).drain(drainMs);
    await app.close();
    await afterClose();
    logger.info({ event: 'stopped' });
    process.exit(0);
  } catch (error) {
    logger.error({ event: 'stop-failed', error });
    process.exit(1);
  }
}
