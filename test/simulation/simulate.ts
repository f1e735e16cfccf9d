import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../src/kernel/json.js';
import type { StepType } from '../../src/workflows/engine/definition.js';
import type { Bug } from './bugs.js';
import { CALM_FROM_MS, calm, drawFaults } from './faults.js';
import { violationsIn } from './invariants.js';
import { type Program, writeProgram } from './programs.js';
import { Random } from './random.js';
import { type Meaning, PlainRun } from './reference.js';
import { World } from './world.js';

/** The types of steps that are simulated. */
export const SIMULATED_TYPES: readonly StepType[] = ['action', 'delay', 'condition'];

const WORKFLOW = '0193524e-0000-7000-8000-0000000000aa';
const LONGEST_MS = 4 * 3_600_000;

/** What a seed came to. */
export interface Simulated {
  readonly seed: number;
  /** What went wrong; nothing when all is well. */
  readonly violations: readonly string[];
  readonly program: Program;
  readonly figures: Figures;
}

/** What was done, in numbers. */
export interface Figures {
  readonly executions: number;
  readonly compared: number;
  readonly transitions: number;
  readonly refusals: number;
  readonly faults: number;
  readonly effects: number;
  readonly unknown: number;
  /** Seconds of virtual time. */
  readonly seconds: number;
}

interface Started {
  readonly id: string;
  readonly variables: JsonObject;
  /** Whether somebody meddles with it. */
  readonly isMeddledWith: boolean;
}

/** Runs one seed: the same seed always does the same. `trace` is told what happens, line by line. */
export async function simulate(
  seed: number,
  { bug, trace = () => undefined }: { readonly bug?: Bug; readonly trace?: (line: string) => void } = {},
): Promise<Simulated> {
  const random = new Random(seed);
  const program = writeProgram(random.fork('program'), { name: 'Simulated', types: SIMULATED_TYPES });
  const world: World = new World(
    random,
    `${seed}`,
    (line) => trace(`${world.now().toFixed(0).padStart(8)} ms  ${line}`),
    bug,
  );
  world.define(WORKFLOW, program.definition);
  const faults = scheduleFaults(world, random.fork('faults'), trace);
  const started = scheduleStarts(world, random.fork('starts'));
  const isOver = (): boolean => world.rows.executions.size === started.length && world.isOver && world.now() > 0;
  const isInTime = await world.time.pass(LONGEST_MS, isOver);
  const stuck = isInTime ? [] : [`nothing goes on: ${describeOpen(world)}`];
  const compared = isInTime ? compareAll(world, program, started, seed) : { compared: 0, differences: [] };
  return {
    seed,
    violations: [...stuck, ...(isInTime ? violationsIn(world) : world.ledger.faults), ...compared.differences],
    program,
    figures: {
      executions: started.length,
      compared: compared.compared,
      transitions: world.ledger.transitions,
      refusals: world.ledger.refusals,
      faults,
      effects: world.effects.size,
      unknown: [...world.effects.values()].filter(({ status }) => status === 'unknown').length,
      seconds: world.now() / 1000,
    },
  };
}

function scheduleFaults(world: World, random: Random, trace: (line: string) => void): number {
  for (let count = random.integer(1, 3); count > 0; count--) world.startWorker();
  const { moments, weather } = drawFaults(random);
  Object.assign(world.weather, weather);
  for (const { at, strike } of moments) {
    world.time.after(at, () => {
      const what = strike(world);
      trace(`${world.now().toFixed(0).padStart(8)} ms  !! ${what}`);
      if (world.workerCount === 0 || random.isLucky(0.7)) {
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

function scheduleStarts(world: World, random: Random): readonly Started[] {
  return Array.from({ length: random.integer(1, 5) }, (_value, index) => {
    const id = `0193524e-0000-7000-8000-${String(index + 1).padStart(12, '0')}`;
    const list = Array.from({ length: random.integer(0, 4) }, (_item, number) => ({ number }));
    const variables = { n: random.integer(0, 10), list };
    const at = random.integer(0, 15_000);
    world.time.after(at, () => world.start(WORKFLOW, id, variables));
    const isMeddledWith = random.isLucky(0.15);
    const isCompensated = random.isLucky(0.5);
    if (isMeddledWith) world.time.after(at + random.integer(1, 40_000), () => world.cancel(id, isCompensated));
    return { id, variables, isMeddledWith };
  });
}

/** What the executions came to beside what they come to when nothing goes wrong. */
function compareAll(world: World, { definition, isRace }: Program, started: readonly Started[], seed: number) {
  const comparable = started.filter(({ isMeddledWith }) => !isRace && !isMeddledWith);
  const differences = comparable.flatMap(({ id, variables }) => {
    const plain = new PlainRun(`${seed} ${id}`, { id, definition }, variables).toTheEnd();
    return compare(id, world, plain);
  });
  return { compared: comparable.length, differences };
}

function compare(id: string, world: World, plain: Meaning): string[] {
  const { status, state } = world.rows.executions.get(id)!;
  if (!plain.isStatusSure) return [];
  if (status !== plain.status) return [`${id} is ${status} and should be ${plain.status}`];
  if (!plain.isWholeSure) return [];
  const { outputs, visits } = state;
  if (!isDeepStrictEqual(visits, plain.visits)) {
    return [`${id} visited ${JSON.stringify(visits)} and should have visited ${JSON.stringify(plain.visits)}`];
  }
  return isDeepStrictEqual(outputs, plain.outputs)
    ? []
    : [`${id} is left with ${JSON.stringify(outputs)} and should have ${JSON.stringify(plain.outputs)}`];
}

function describeOpen({ rows }: World): string {
  const open = [...rows.open].map(({ executionId, stepId, status }) => `${executionId.slice(-2)} ${stepId} ${status}`);
  return open.length > 0 ? open.join(', ') : 'no run is open';
}
