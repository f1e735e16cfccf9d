/** Chance that repeats: the same seed and purpose give the same numbers (linear congruential, Numerical Recipes). */
export class SeededChance {
  private state: number;

  /** @param purpose keeps the draws of one part from moving those of another */
  constructor(
    private readonly seed: number,
    private readonly purpose: string,
  ) {
    this.state = [...purpose].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, seed >>> 0);
    for (let turn = 0; turn < 3; turn += 1) this.next();
  }

  /** Its own chance for a part of the whole. */
  for(part: string): SeededChance {
    return new SeededChance(this.seed, `${this.purpose}/${part}`);
  }

  /** From 0 to below 1. */
  next(): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.state / 2 ** 32;
  }

  /** A whole number within both bounds. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length - 1)]!;
  }
}
