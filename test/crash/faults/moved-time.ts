import { setTimeout as sleep } from 'node:timers/promises';
import { BOTH, type Fault } from './fault.js';
import type { FaultScene } from './fault-scene.js';
import type { SeededChance } from './seeded-chance.js';

/** Forward by a moment, by minutes, by hours, and now and then back a little. */
const SHIFTS_MS: readonly (readonly [number, number])[] = [
  [500, 3_000],
  [60_000, 600_000],
  [3_600_000, 36_000_000],
  [-4_000, -500],
];

async function moveTime(scene: FaultScene, chance: SeededChance): Promise<void> {
  const [least, most] = chance.pick(SHIFTS_MS);
  const shiftMs = chance.between(least, most);
  const pauseMs = chance.between(500, 2_500);
  const at = Date.now();
  await scene.owner.query("update clock set shift = shift + $1::float8 * interval '1 millisecond'", [shiftMs]);
  scene.note(at, undefined, false);
  await sleep(pauseMs);
}

/** Time passes in a jump, or runs back, under everything that waits. */
export const movedTime: Fault = { name: 'move-time', backends: BOTH, movesTime: true, inflict: moveTime };
