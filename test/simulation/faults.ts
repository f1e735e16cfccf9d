import type { Random } from './random.js';
import type { SimulatedProcess, Weather } from './simulated-process.js';
import type { QueueFaults } from './simulated-queues.js';

/** What may be done to a world. */
export interface Sufferer {
  readonly weather: Weather & QueueFaults;
  /** Those that are not dead. */
  processes(): readonly SimulatedProcess[];
  /** Lets a worker end in good order. */
  drain(process: SimulatedProcess): void;
  flushQueue(): void;
  /** Moves the timers' time on by so many milliseconds. */
  moveTime(milliseconds: number): void;
  /** Milliseconds. */
  now(): number;
}

type Fault = (world: Sufferer, random: Random) => string;

/** Everything bad ends with this moment of virtual time, in milliseconds. */
export const CALM_FROM_MS = 40_000;

const kill = onProcess((process) => {
  process.kill();
  return `kill ${process.name}`;
});

const stop = onProcess((process, random) => {
  const milliseconds = random.integer(500, 20_000);
  process.stop(milliseconds);
  return `stop ${process.name} for ${milliseconds} ms`;
});

const FAULTS: readonly Fault[] = [
  ...[kill, kill, kill, stop, stop, stop],
  onProcess((process, _random, world) => {
    world.drain(process);
    return `drain ${process.name}`;
  }),
  (world) => {
    world.flushQueue();
    return 'flush the queue';
  },
  (world, random) => {
    world.weather.queueAwayUntil = world.now() + random.integer(1_000, 20_000);
    return `no queue until ${world.weather.queueAwayUntil} ms`;
  },
  (world, random) => {
    world.weather.databaseAwayUntil = world.now() + random.integer(500, 15_000);
    return `no database until ${world.weather.databaseAwayUntil} ms`;
  },
  (world, random) => {
    const milliseconds = random.pick([1_000, 30_000, 3_600_000, 86_400_000]);
    world.moveTime(milliseconds);
    return `move time on by ${milliseconds} ms`;
  },
];

function onProcess(fault: (process: SimulatedProcess, random: Random, world: Sufferer) => string): Fault {
  return (world, random) => {
    const processes = world.processes();
    return processes.length === 0 ? 'nobody to hurt' : fault(random.pick(processes), random, world);
  };
}

/** A moment at which something goes wrong. @returns what it was */
export interface FaultMoment {
  /** Milliseconds of virtual time. */
  readonly at: number;
  readonly strike: (world: Sufferer) => string;
}

/** The moments at which something goes wrong, and how bad the weather is in between; some runs are quiet altogether. */
export function drawFaults(random: Random): {
  readonly moments: readonly FaultMoment[];
  readonly weather: Partial<Sufferer['weather']>;
} {
  if (random.isLucky(0.05)) return { moments: [], weather: {} };
  const moments = Array.from({ length: random.integer(1, 8) }, () => {
    const fault = random.pick(FAULTS);
    return { at: random.integer(0, CALM_FROM_MS), strike: (world: Sufferer) => fault(world, random) };
  });
  const rate = (most: number): number => (random.isLucky(0.5) ? random.fraction() * most : 0);
  const weather = {
    cutRate: rate(0.05),
    lossRate: rate(0.4),
    doubleRate: rate(0.4),
    lateRate: rate(0.4),
    earlyRate: rate(0.4),
  };
  return { moments, weather };
}

/** Nothing goes wrong. */
export const calm = (): Sufferer['weather'] => ({
  ...{ databaseAwayUntil: 0, queueAwayUntil: 0, cutRate: 0, lossRate: 0, doubleRate: 0, lateRate: 0, earlyRate: 0 },
});
