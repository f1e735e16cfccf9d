/** Chance that repeats: the same seed and name give the same draws, whatever else was drawn. */
export class Random {
  private state: number;

  constructor(
    private readonly seed: number,
    name = '',
  ) {
    this.state = hash(`${seed} ${name}`);
  }

  /** Another source of the same seed, whose draws do not depend on those made here. */
  fork(name: string): Random {
    return new Random(this.seed, name);
  }

  /** A fraction from 0 up to 1 (mulberry32). */
  fraction(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends among them. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  isLucky(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('There is nothing to pick from.');
    return list[this.integer(0, list.length - 1)]!;
  }
}

/** 32 bits out of a text: FNV-1a, then the finalizer of MurmurHash3. */
export function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) bits = Math.imul(bits ^ text.charCodeAt(index), 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
