import { edgesOf } from './graph.js';
import type { UncheckedStep } from './graph.js';
import type { Region, Regions } from './regions.js';

/** Stands for whatever has run before a step, the step itself left out; no id of a step begins so. */
const before = (id: string): string => `<${id}`;

/**
 * For each step, those from which a way leads to it at once. What was done in the branches of a parallel can be read
 * after it, what was done for an item only in its own body; a body or a branch sees what was done before its owner.
 */
export const precedingSteps = (
  steps: readonly UncheckedStep[],
  { of }: Regions,
): ReadonlyMap<string, readonly string[]> => {
  const preceding = new Map<string, string[]>();
  for (const { id } of steps) {
    const ids: string[] = [];
    preceding.set(id, ids).set(before(id), ids);
  }
  for (const step of steps) {
    for (const edge of edgesOf(step))
      preceding.get(edge.to)?.push(edge.enters === undefined ? step.id : before(step.id));
    if (step.compensation !== undefined) preceding.get(step.compensation)?.push(step.id);
    for (const to of afterParallels(of.get(step.id))) preceding.get(to)?.push(step.id);
  }
  return preceding;
};

/** The steps that follow the parallels around a region, as far as no for_each stands between. */
const afterParallels = (region: Region | undefined): string[] => {
  if (region?.owner?.type !== 'parallel') return [];
  const following = edgesOf(region.owner).filter(({ enters }) => enters === undefined);
  return [...following.map(({ to }) => to), ...afterParallels(region.outer)];
};
