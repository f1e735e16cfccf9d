import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 500;
/** A number that stays the same for so long will not change any more. */
const STANDSTILL_MS = 60_000;

/** Looks until a number has reached `goal`, or has stood still for a minute. @returns the last number seen */
export async function untilReached(
  goal: number,
  look: () => Promise<number>,
  onChange: (value: number) => void,
): Promise<number> {
  let seen = -1;
  for (let changedAt = Date.now(); Date.now() - changedAt < STANDSTILL_MS; await sleep(LOOK_EVERY_MS)) {
    const value = await look();
    if (value !== seen) {
      seen = value;
      changedAt = Date.now();
      onChange(value);
    }
    if (value >= goal) break;
  }
  return seen;
}
