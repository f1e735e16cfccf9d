import { isDeepStrictEqual } from 'node:util';
import type { Program } from './programs.js';
import { type Meaning, PlainRun } from './reference.js';
import type { Asked } from './simulate.js';
import type { World } from './world.js';

/** What was run, and how it was seeded. */
export interface Expected {
  readonly programs: readonly [Program, Program];
  readonly asked: readonly Asked[];
  readonly seed: number;
}

/** What executions came to beside what they come to when nothing goes wrong, as far as that is known beforehand. */
export function compareWithPlain(
  world: World,
  { programs, asked, seed }: Expected,
): { readonly compared: number; readonly differences: readonly string[] } {
  const [main] = programs;
  const differences = asked.map(({ id, variables }) => {
    const plain = new PlainRun({ seed: `${seed}`, programs }, { id, program: main }, variables).toTheEnd();
    return plain.isStatusSure ? compare(id, world, plain) : undefined;
  });
  const compared = differences.filter((difference) => difference !== undefined);
  return { compared: compared.length, differences: compared.flat() };
}

function compare(id: string, world: World, plain: Meaning): string[] {
  const { status, state } = world.rows.executions.get(id)!;
  if (status !== plain.status) return [`${id} is ${status} and should be ${plain.status}`];
  if (!plain.isWholeSure) return [];
  const { outputs, visits } = state;
  if (!isDeepStrictEqual(visits, plain.visits)) {
    return [`${id} visited ${JSON.stringify(visits)} and should have visited ${JSON.stringify(plain.visits)}`];
  }
  const isSame = isDeepStrictEqual(outputs, plain.outputs);
  return isSame
    ? []
    : [`${id} is left with ${JSON.stringify(outputs)} and should have ${JSON.stringify(plain.outputs)}`];
}
