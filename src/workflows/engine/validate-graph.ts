import type { Violation } from '../../kernel/domain-error.js';
import { parseDuration } from './duration.js';
import { edgesOf, reachableFrom } from './graph.js';
import type { Edge, UncheckedStep } from './graph.js';
import { pointerOf } from './pointer.js';

/** Ids twice, ways that lead nowhere, more than one way on, steps that nothing leads to, cycles that never wait. */
export const checkGraph = (steps: readonly UncheckedStep[]): Violation[] => [
  ...checkIds(steps),
  ...checkTargets(steps),
  ...checkReachable(steps),
  ...checkCycles(steps),
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
    if (step.nextSteps.length > 1) {
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
  const ways = new Map(steps.map((step) => [step.id, edgesOf(step).map((edge) => edge.to)]));
  const reached = reachableFrom(first, ways);
  return steps.flatMap((step, index) =>
    step.id === first || reached.has(step.id)
      ? []
      : [{ pointer: at(index), message: `No way leads from the first step to "${step.id}"; link it or remove it.` }],
  );
};

/** A delay that surely waits: how long a placeholder waits, and whether `until` has passed, nobody knows before. */
const surelyWaits = (step: UncheckedStep): boolean => {
  if (step.type !== 'delay') return false;
  try {
    return parseDuration(step.configuration.duration).milliseconds >= 0;
  } catch {
    return false;
  }
};

const checkCycles = (steps: readonly UncheckedStep[]): Violation[] => {
  const indexOf = new Map(steps.map((step, index) => [step.id, index]));
  const done = new Set<string>();
  const path: string[] = [];
  const violations: Violation[] = [];
  const follow = (step: UncheckedStep, index: number, edge: Edge): void => {
    const from = path.indexOf(edge.to);
    const target = indexOf.get(edge.to);
    if (from < 0) return target === undefined ? undefined : visit(target);
    const cycle = [...path.slice(from), edge.to].join(' → ');
    violations.push({
      pointer: at(index, ...edge.place),
      message: `The cycle ${cycle} never waits; put a delay with a fixed duration into it.`,
    });
  };
  const visit = (index: number): void => {
    const step = steps[index];
    if (!step || done.has(step.id) || surelyWaits(step)) return;
    path.push(step.id);
    for (const edge of edgesOf(step)) follow(step, index, edge);
    path.pop();
    done.add(step.id);
  };
  steps.forEach((_step, index) => visit(index));
  return violations;
};
