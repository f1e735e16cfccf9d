import type { Violation } from '../../kernel/domain-error.js';
import { edgesOf } from './graph.js';
import type { Edge, UncheckedStep } from './graph.js';
import { pointerOf } from './pointer.js';

/** The workflow itself, one branch of a parallel, or the body of a for_each. */
export interface Region {
  /** The step that the region belongs to; undefined for the workflow itself. */
  readonly owner?: UncheckedStep;
  /** The region of that step. */
  readonly outer?: Region;
}

/** The region of each step that some way leads to, and ways that lead into another region than the step's own. */
export interface Regions {
  readonly of: ReadonlyMap<string, Region>;
  readonly violations: readonly Violation[];
}

/** Follows every way from the first step; a step belongs to the region in which it is reached first. */
export const regionsOf = (steps: readonly UncheckedStep[]): Regions => {
  const places = new Map(steps.map((step, index) => [step.id, { step, index }]));
  const of = new Map<string, Region>();
  const violations: Violation[] = [];
  const [first] = steps;
  if (first) of.set(first.id, {});
  // A map is walked in the order in which it grows.
  for (const [id, region] of of) {
    const { step, index } = places.get(id)!;
    const entered = new Map<number, Region>();
    for (const edge of edgesOf(step).filter(({ to }) => places.has(to))) {
      const wanted = edge.enters === undefined ? region : regionEntered(entered, edge.enters, step, region);
      const found = of.get(edge.to);
      if (!found) of.set(edge.to, wanted);
      else if (found !== wanted) violations.push(foreign(index, edge, found));
    }
  }
  return { of, violations };
};

const regionEntered = (entered: Map<number, Region>, branch: number, owner: UncheckedStep, outer: Region): Region => {
  const region = entered.get(branch) ?? { owner, outer };
  entered.set(branch, region);
  return region;
};

const foreign = (index: number, { to, place }: Edge, { owner }: Region): Violation => ({
  pointer: pointerOf(['steps', index, ...place]),
  message: owner
    ? `"${to}" belongs to a part of "${owner.id}"; a branch has its own steps, and so has the body of a for_each.`
    : `"${to}" stands outside; a branch has its own steps, and ends at one without a way on.`,
});
