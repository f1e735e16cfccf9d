/** Takes back what was to happen; harmless when it has happened. */
export type Cancel = () => void;

/** Time as a process feels it, as an argument: what waits takes one, so that a simulation can bring its own. */
export interface Timers {
  /** Milliseconds since some moment; never goes back. */
  elapsedMs(): number;
  /** Calls back once, so many milliseconds from now. */
  after(delayMs: number, callback: () => void): Cancel;
}

export const systemTimers: Timers = {
  // Beginning with the process's own start, so that processes agree on it roughly.
  elapsedMs: () => performance.timeOrigin + performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves so many milliseconds from now. */
export const sleep = (timers: Timers, delayMs: number): Promise<void> =>
  new Promise((resolve) => void timers.after(delayMs, resolve));

/** Calls back again and again, first after one period, until it is taken back. */
export function every(timers: Timers, periodMs: number, callback: () => void): Cancel {
  let cancel: Cancel;
  const begin = (): void => {
    cancel = timers.after(periodMs, () => {
      begin();
      callback();
    });
  };
  begin();
  return () => cancel();
}
