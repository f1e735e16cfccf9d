import type { ExecutionStore } from './execution-store.js';
import type { HeldStep } from './execution-snapshot.js';

const RENEW_EVERY_MS = 1_500;

/** Why a step was stopped before its end. */
export type StopReason = 'lease-lost' | 'timed-out';

/** What a step gave, or why it was stopped. */
export type Leased<R> = { readonly result: R } | { readonly stopped: StopReason };

/**
 * Runs a step's work while its lease is kept, at most so long. `work` gets a signal that fires when it is stopped; it
 * is not waited for then.
 */
export async function underLease<R>(
  store: ExecutionStore,
  held: HeldStep,
  atMostMs: number,
  work: (signal: AbortSignal) => Promise<R>,
): Promise<Leased<R>> {
  const controller = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const stopped = new Promise<Leased<R>>((resolve) => {
    const stop = (reason: StopReason): void => {
      controller.abort();
      resolve({ stopped: reason });
    };
    // A renewal that fails is no loss yet: the next one may come in time, and the last word is the fence's.
    const renew = (): void =>
      void store.renew(held).then(
        (kept) => (kept ? undefined : stop('lease-lost')),
        () => undefined,
      );
    timers.push(
      setInterval(renew, RENEW_EVERY_MS),
      setTimeout(() => stop('timed-out'), Math.max(0, atMostMs)),
    );
  });
  try {
    return await Promise.race([stopped, work(controller.signal).then((result) => ({ result }))]);
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

/** Keeps the lease of a step while its end is written. */
export async function keepingLease<R>(store: ExecutionStore, held: HeldStep, write: () => Promise<R>): Promise<R> {
  const timer = setInterval(() => void store.renew(held).catch(() => false), RENEW_EVERY_MS);
  try {
    return await write();
  } finally {
    clearInterval(timer);
  }
}
