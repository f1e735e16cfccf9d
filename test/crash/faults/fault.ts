import type { Backend, FaultScene } from './fault-scene.js';
import type { SeededChance } from './seeded-chance.js';

/** A way to hurt an installation. */
export interface Fault {
  readonly name: string;
  /** Queues that it is tried on. */
  readonly backends: readonly Backend[];
  /** An outage takes half a minute, so it gets fewer moments. */
  readonly isOutage?: boolean;
  /** Whether it moves the clock that tells what is due, so that nothing can be said of lateness. */
  readonly movesTime?: boolean;
  /** Does it once; all that is left to chance comes from `chance`. Resolves when the next one may follow. */
  readonly inflict: (scene: FaultScene, chance: SeededChance) => Promise<void>;
}

export const BOTH: readonly Backend[] = ['postgres', 'redis'];
