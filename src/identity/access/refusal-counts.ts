/** Time between two events about the same refusals. */
export const WINDOW_MS = 60_000;

const MAX_KEYS = 10_000;

/** Something refused, and how often since it was last written down. */
export interface CountedRefusal<R> {
  readonly refusal: R;
  readonly count: number;
}

interface Window<R> {
  refusal: R;
  since: number;
  pending: number;
}

/** Counts refusals by key: the first is due at once, what follows within a minute is one more with its count. */
export class RefusalCounts<R> {
  private readonly windows = new Map<string, Window<R>>();

  /** Counts one; returns what is to be written now. `now` in milliseconds. */
  add(key: string, refusal: R, now: number): CountedRefusal<R>[] {
    const window = this.windows.get(key);
    if (window) {
      window.pending++;
      window.refusal = refusal;
      return [];
    }
    const evicted = this.windows.size >= MAX_KEYS ? this.evictOldest() : [];
    this.windows.set(key, { refusal, since: now, pending: 0 });
    return [...evicted, { refusal, count: 1 }];
  }

  /** What has waited for a minute, or `isLast` everything that waits. */
  takeDue(now: number, isLast = false): CountedRefusal<R>[] {
    const due: CountedRefusal<R>[] = [];
    for (const [key, window] of this.windows) {
      if (!isLast && now - window.since < WINDOW_MS) continue;
      if (window.pending > 0) due.push({ refusal: window.refusal, count: window.pending });
      if (window.pending > 0 && !isLast) Object.assign(window, { since: now, pending: 0 });
      else this.windows.delete(key);
    }
    return due;
  }

  private evictOldest(): CountedRefusal<R>[] {
    const [key, { refusal, pending }] = this.windows.entries().next().value!;
    this.windows.delete(key);
    return pending > 0 ? [{ refusal, count: pending }] : [];
  }
}
