/** Keeps work to a share of the time: after each piece, measured, it says how long to rest. */
export class WorkShare {
  private resumedAt = performance.now();

  /** `share` above 0 and up to 1. */
  constructor(private readonly share: number) {}

  /** When the rest that the work since the last one demands is over, on the clock of `performance.now`. */
  restUntil(): number {
    const now = performance.now();
    return now + (now - this.resumedAt) * (1 / this.share - 1);
  }

  resume(): void {
    this.resumedAt = performance.now();
  }
}
