import type { JsonObject } from '../../src/kernel/json.js';
import type { StepType } from '../../src/workflows/engine/definition.js';
import type { Bug } from './bugs.js';
import { compareWithPlain } from './comparison.js';
import { CALM_FROM_MS, calm, drawFaults } from './faults.js';
import { violationsIn } from './invariants.js';
import { Outside } from './outside.js';
import { type Program, writeProgram } from './programs.js';
import { Random } from './random.js';
import { World } from './world.js';

const CHILD_TYPES: readonly StepType[] = [
  ...(['action', 'delay', 'condition', 'parallel', 'for_each', 'wait_for_event', 'human_task'] as const),
];
const TYPES: readonly StepType[] = [...CHILD_TYPES, 'subworkflow'];

const WORKFLOW = 'workflow';
const CHILD = 'child';
/** Longer than any delay, backoff or alarm that is simulated, and longer than the faults last; in milliseconds. */
const QUIET_MS = 600_000;
const LONGEST_MS = 24 * 3_600_000;

/** What a seed came to. */
export interface Simulated {
  readonly seed: number;
  /** What went wrong; nothing when all is well. */
  readonly violations: readonly string[];
  readonly programs: readonly Program[];
  readonly figures: Figures;
}

/** What was done, in numbers. */
export interface Figures {
  readonly executions: number;
  /** Of which the end is known beforehand, and was compared. */
  readonly compared: number;
  readonly transitions: number;
  /** Transitions that came too late, or found the execution changed. */
  readonly refusals: number;
  readonly faults: number;
  readonly effects: number;
  readonly unknown: number;
  /** Seconds of virtual time. */
  readonly seconds: number;
}

/** An execution that was asked for. */
export interface Asked {
  readonly id: string;
  readonly variables: JsonObject;
}

type Trace = (line: string) => void;

/** Runs one seed: the same seed always does the same. `trace` is told what happens, line by line. */
export async function simulate(
  seed: number,
  { bug, trace = () => undefined }: { readonly bug?: Bug; readonly trace?: Trace } = {},
): Promise<Simulated> {
  const random = new Random(seed);
  const programs = writePrograms(seed);
  const timed: Trace = (line) => trace(`${world.now().toFixed(0).padStart(8)} ms  ${line}`);
  const world: World = new World(random, `${seed}`, timed, bug);
  for (const { id, definition } of programs) world.workflows.define(id, definition);
  const faults = scheduleFaults(world, random.fork('faults'), timed);
  const outside = new Outside(world, random.fork('outside'));
  outside.start();
  const asked = scheduleStarts(world, outside, random.fork('starts'));
  const isOver = (): boolean => asked.every(({ id }) => world.rows.executions.has(id)) && world.isOver;
  const isInTime = (await world.time.pass(LONGEST_MS, () => isOver() || world.ledger.isQuietFor(QUIET_MS))) && isOver();
  const expected = asked.filter(({ id }) => isInTime && !outside.hasMeddledWith(id));
  const { compared, differences } = compareWithPlain(world, { programs, asked: expected, seed });
  const broken = isInTime ? violationsIn(world) : [...world.ledger.faults, `nothing goes on: ${describeOpen(world)}`];
  return {
    seed,
    violations: [...broken, ...differences],
    programs,
    figures: { ...figuresOf(world), compared, faults },
  };
}

/** The workflow that a seed runs, and the one that it may run in turn. */
export function writePrograms(seed: number): readonly [Program, Program] {
  const random = new Random(seed, 'programs');
  const child = writeProgram(random, { id: CHILD, types: CHILD_TYPES });
  return [writeProgram(random, { id: WORKFLOW, types: TYPES, child: CHILD }), child];
}

function scheduleFaults(world: World, random: Random, trace: Trace): number {
  for (let count = random.integer(1, 3); count > 0; count--) world.startWorker();
  const { moments, weather } = drawFaults(random);
  Object.assign(world.weather, weather);
  for (const { at, strike } of moments) {
    world.time.after(at, () => {
      trace(`!! ${strike(world)}`);
      if (world.workerCount === 0 || random.isLucky(0.3)) {
        world.time.after(random.integer(100, 3_000), () => world.startWorker());
      }
    });
  }
  world.time.after(CALM_FROM_MS + 1, () => {
    Object.assign(world.weather, calm());
    if (world.workerCount === 0) world.startWorker();
  });
  return moments.length;
}

function scheduleStarts(world: World, outside: Outside, random: Random): readonly Asked[] {
  return Array.from({ length: random.integer(1, 4) }, (_value, index) => {
    const id = `e${index + 1}`;
    const list = Array.from({ length: random.integer(0, 4) }, (_item, number) => ({ number }));
    const variables = { n: random.integer(0, 10), list };
    const at = random.integer(0, 15_000);
    world.time.after(at, () => world.workflows.start(WORKFLOW, id, variables));
    const isCompensated = random.isLucky(0.5);
    const meddledAt = at + random.integer(1, 40_000);
    if (random.isLucky(0.12)) world.time.after(meddledAt, () => outside.cancel(id, isCompensated));
    if (random.isLucky(0.12)) world.time.after(meddledAt, () => outside.retry(id));
    return { id, variables };
  });
}

const figuresOf = (world: World): Omit<Figures, 'compared' | 'faults'> => ({
  executions: world.rows.executions.size,
  transitions: world.ledger.transitions,
  refusals: world.ledger.refusals,
  effects: world.effects.size,
  unknown: [...world.effects.values()].filter(({ status }) => status === 'unknown').length,
  seconds: world.now() / 1000,
});

function describeOpen({ rows }: World): string {
  const open = [...rows.open].map(({ executionId, stepId, status }) => `${executionId} ${stepId} ${status}`);
  return open.length > 0 ? open.join(', ') : 'no run is open';
}
