import type { Cancel } from '../../src/kernel/timers.js';

interface Happening {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
  isCancelled: boolean;
}

/** Time that passes only when everything that was to happen before has happened; the same run gives the same order. */
export class VirtualTime {
  private readonly heap: Happening[] = [];
  private count = 0;

  /** Milliseconds. */
  now = 0;

  /** Calls back once, so many milliseconds from now; those of one instant in the order in which they were asked for. */
  after(delayMs: number, callback: () => void): Cancel {
    const happening = { at: this.now + Math.max(0, delayMs), order: this.count++, callback, isCancelled: false };
    push(this.heap, happening);
    return () => {
      happening.isCancelled = true;
    };
  }

  /** Lets time pass until `isOver` or so many milliseconds are over. @returns whether it was over in time */
  async pass(untilMs: number, isOver: () => boolean): Promise<boolean> {
    while (!isOver()) {
      const next = pop(this.heap);
      if (!next || next.at > untilMs) return false;
      if (next.isCancelled) continue;
      this.now = next.at;
      next.callback();
      await settled();
    }
    return true;
  }
}

/** Resolves when every promise that could go on without time passing has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const isBefore = (one: Happening, other: Happening): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

function push(heap: Happening[], happening: Happening): void {
  let place = heap.length;
  heap.push(happening);
  while (place > 0) {
    const above = (place - 1) >> 1;
    if (!isBefore(heap[place]!, heap[above]!)) return;
    swap(heap, place, above);
    place = above;
  }
}

function pop(heap: Happening[]): Happening | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  heap[0] = last;
  for (let place = 0; ;) {
    const least = [2 * place + 1, 2 * place + 2].reduce(
      (smallest, below) => (below < heap.length && isBefore(heap[below]!, heap[smallest]!) ? below : smallest),
      place,
    );
    if (least === place) return first;
    swap(heap, place, least);
    place = least;
  }
}

function swap(heap: Happening[], one: number, other: number): void {
  [heap[one], heap[other]] = [heap[other]!, heap[one]!];
}
