import type { Violation } from '../../kernel/domain-error.js';
import { parseDuration } from './duration.js';
import { edgesOf } from './graph.js';
import type { Edge, UncheckedStep } from './graph.js';
import { pointerOf } from './pointer.js';
import { placeholdersOf } from './template.js';

/** Cycles that may go round without ever waiting. No way leads out of a branch, so each cycle lies in one region. */
export const checkCycles = (steps: readonly UncheckedStep[]): Violation[] => {
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
      pointer: pointerOf(['steps', index, ...edge.place]),
      message: `The cycle ${cycle} never waits; put a delay with a fixed duration into it.`,
    });
  };
  const visit = (index: number): void => {
    const step = steps[index];
    if (!step || done.has(step.id) || surelyWaits(step)) return;
    path.push(step.id);
    for (const edge of edgesOf(step)) if (edge.enters === undefined) follow(step, index, edge);
    path.pop();
    done.add(step.id);
  };
  steps.forEach((_step, index) => visit(index));
  return violations;
};

/** How long a placeholder waits, and whether an `until` has passed, nobody knows before; nor whom a placeholder names. */
const surelyWaits = ({ type, configuration }: UncheckedStep): boolean => {
  if (type === 'delay') return isFixed(configuration.duration);
  const { timeout, remindAfter, escalateAfter } = configuration;
  const timers = [timeout, remindAfter, escalateAfter].filter((duration) => duration !== undefined);
  if (type === 'wait_for_event') return timers.every(isFixed);
  if (type !== 'human_task') return false;
  const { assignee = null, role = null, escalateTo = null } = configuration;
  return timers.every(isFixed) && placeholdersOf([assignee, role, escalateTo]).length === 0;
};

const isFixed = (duration: unknown): boolean => {
  try {
    return parseDuration(duration).milliseconds >= 0;
  } catch {
    return false;
  }
};
