import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 500;
/** A number that stays the same for so long will not change any more. */
const STANDSTILL_MS = 60_000;
/** How much of the way is worth a word. */
const TOLD_SHARE = 0.1;

/**
 * Looks until a number has reached `goal`, or has stood still for a minute.
 * @param tell is told the number now and then, and where it ends
 */
export async function untilReached(
  goal: number,
  look: () => Promise<number>,
  tell: (value: number) => void,
): Promise<void> {
  let [seen, told] = [-1, -1];
  for (let changedAt = Date.now(); seen < goal && Date.now() - changedAt < STANDSTILL_MS; await sleep(LOOK_EVERY_MS)) {
    const value = await look();
    if (value === seen) continue;
    [seen, changedAt] = [value, Date.now()];
    if (told >= 0 && value < goal && value - told < goal * TOLD_SHARE) continue;
    told = value;
    tell(value);
  }
}
