import type { Violation } from '../../kernel/domain-error.js';
import { edgesOf, reachableFrom } from './graph.js';
import type { UncheckedStep } from './graph.js';
import { pointerOf } from './pointer.js';
import type { Regions } from './regions.js';
import { checkCompensations } from './validate-compensations.js';
import { checkCycles } from './validate-cycles.js';

/**
 * Ids twice, ways that lead nowhere, more than one way on, steps that nothing leads to, ways into other regions, cycles
 * that never wait, compensations that are none.
 */
export const checkGraph = (steps: readonly UncheckedStep[], regions: Regions): Violation[] => [
  ...checkIds(steps),
  ...checkTargets(steps),
  ...checkReachable(steps),
  ...regions.violations,
  ...checkCycles(steps),
  ...checkCompensations(steps, regions),
];

const at = (index: number, ...place: readonly (string | number)[]): string => pointerOf(['steps', index, ...place]);

const checkIds = (steps: readonly UncheckedStep[]): Violation[] => {
  const first = new Map<string, number>();
  return steps.flatMap((step, index) => {
    const earlier = first.get(step.id);
    if (earlier === undefined) first.set(step.id, index);
    return earlier === undefined
      ? []
      : [{ pointer: at(index, 'id'), message: `Step ${earlier} has the id "${step.id}" already; give each its own.` }];
  });
};

const checkTargets = (steps: readonly UncheckedStep[]): Violation[] => {
  const ids = new Set(steps.map((step) => step.id));
  return steps.flatMap((step, index) => {
    const lost = edgesOf(step).filter((edge) => !ids.has(edge.to));
    const violations = lost.map((edge) => ({
      pointer: at(index, ...edge.place),
      message: `There is no step "${edge.to}".`,
    }));
    if (step.type !== 'parallel' && step.nextSteps.length > 1) {
      violations.push({
        pointer: at(index, 'nextSteps'),
        message: `A step of type ${step.type} goes on with one step at most.`,
      });
    }
    return violations;
  });
};

const checkReachable = (steps: readonly UncheckedStep[]): Violation[] => {
  const first = steps[0]?.id ?? '';
  const ways = new Map(
    steps.map((step) => [
      step.id,
      [...edgesOf(step).map((edge) => edge.to), ...(step.compensation === undefined ? [] : [step.compensation])],
    ]),
  );
  const reached = reachableFrom(first, ways);
  return steps.flatMap((step, index) =>
    step.id === first || reached.has(step.id)
      ? []
      : [{ pointer: at(index), message: `No way leads from the first step to "${step.id}"; link it or remove it.` }],
  );
};
