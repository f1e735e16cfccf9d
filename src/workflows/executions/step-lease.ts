import { every, type Cancel, type Timers } from '../../kernel/timers.js';
import type { StepStore } from './execution-store.js';
import type { HeldStep } from './execution-snapshot.js';

const RENEW_EVERY_MS = 1_500;

/** Why a step was stopped before its end. */
export type StopReason = 'lease-lost' | 'timed-out';

/** What a step gave, or why it was stopped. */
export type Leased<R> = { readonly result: R } | { readonly stopped: StopReason };

/** What keeps leases. */
export interface LeaseKeeper {
  readonly store: Pick<StepStore, 'renew'>;
  readonly timers: Timers;
}

/**
 * Runs a step's work while its lease is kept, at most so long. `work` gets a signal that fires when it is stopped; it
 * is not waited for then.
 */
export async function underLease<R>(
  { store, timers }: LeaseKeeper,
  held: HeldStep,
  atMostMs: number,
  work: (signal: AbortSignal) => Promise<R>,
): Promise<Leased<R>> {
  const controller = new AbortController();
  const cancels: Cancel[] = [];
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
    cancels.push(
      every(timers, RENEW_EVERY_MS, renew),
      timers.after(Math.max(0, atMostMs), () => stop('timed-out')),
    );
  });
  try {
    return await Promise.race([stopped, work(controller.signal).then((result) => ({ result }))]);
  } finally {
    for (const cancel of cancels) cancel();
  }
}

/** Keeps the lease of a step while its end is written. */
export async function keepingLease<R>(
  { store, timers }: LeaseKeeper,
  held: HeldStep,
  write: () => Promise<R>,
): Promise<R> {
  const cancel = every(timers, RENEW_EVERY_MS, () => void store.renew(held).catch(() => false));
  try {
    return await write();
  } finally {
    cancel();
  }
}
