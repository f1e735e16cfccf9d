import type { Fault } from './fault.js';
import { lostQueue, mangledJobs } from './hurt-queues.js';
import { killedRelay } from './killed-relay.js';
import { killedAtBoundary, killedWithin, stopped } from './killed-workers.js';
import { movedTime } from './moved-time.js';
import { postgresAway, redisAway } from './outages.js';

/** Every fault, in the order in which they are inflicted. */
export const faults: readonly Fault[] = [
  killedAtBoundary,
  killedWithin,
  stopped,
  killedRelay,
  lostQueue,
  mangledJobs,
  movedTime,
  redisAway,
  postgresAway,
];
