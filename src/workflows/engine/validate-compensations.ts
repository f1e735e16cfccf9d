import type { Violation } from '../../kernel/domain-error.js';
import { edgesOf } from './graph.js';
import type { UncheckedStep } from './graph.js';
import { pointerOf } from './pointer.js';
import type { Regions } from './regions.js';

/** Compensations that are no steps on their own, and a `compensate` in a workflow where nothing can be undone. */
export const checkCompensations = (steps: readonly UncheckedStep[], regions: Regions): Violation[] => {
  const undoing = new Map(
    steps.flatMap((step): [string, UncheckedStep][] =>
      step.compensation === undefined ? [] : [[step.compensation, step]],
    ),
  );
  const ids = new Set(steps.map(({ id }) => id));
  return steps.flatMap((step, index) => [
    ...checkName(step, index, ids),
    ...checkShared(step, index, undoing, regions),
    ...(undoing.has(step.id) ? checkUndoing(step, index) : []),
    ...checkWays(step, index, undoing),
    ...checkFirst(step, index, undoing),
    ...checkCompensate(step, index, undoing.size > 0),
  ]);
};

const fault = (index: number, place: readonly (string | number)[], message: string): Violation => ({
  pointer: pointerOf(['steps', index, ...place]),
  message,
});

const checkName = ({ compensation }: UncheckedStep, index: number, ids: ReadonlySet<string>): Violation[] =>
  compensation === undefined || ids.has(compensation)
    ? []
    : [fault(index, ['compensation'], `There is no step "${compensation}".`)];

/** Its placeholders are filled in where the step it undoes ran, so that must be one place. */
const checkShared = (
  step: UncheckedStep,
  index: number,
  undoing: ReadonlyMap<string, UncheckedStep>,
  { of }: Regions,
): Violation[] => {
  const other = step.compensation === undefined ? undefined : undoing.get(step.compensation);
  if (!other || of.get(other.id) === of.get(step.id)) return [];
  const message = `"${step.compensation}" undoes "${other.id}", which belongs to another part; give each part its own.`;
  return [fault(index, ['compensation'], message)];
};

const checkUndoing = (step: UncheckedStep, index: number): Violation[] => {
  const then = step.onError?.then ?? 'fail';
  return [
    ...(step.type === 'action' ? [] : [fault(index, ['type'], 'What undoes another step is an action.')]),
    ...(step.nextSteps.length === 0
      ? []
      : [fault(index, ['nextSteps'], 'What undoes another step stands alone; leave it empty.')]),
    ...(step.compensation === undefined
      ? []
      : [fault(index, ['compensation'], 'What undoes another step cannot be undone itself.')]),
    ...(then === 'fail' || then === 'continue'
      ? []
      : [fault(index, ['onError', 'then'], 'What undoes another step can fail or continue after an error.')]),
  ];
};

const checkWays = (step: UncheckedStep, index: number, undoing: ReadonlyMap<string, unknown>): Violation[] =>
  edgesOf(step)
    .filter(({ to }) => undoing.has(to))
    .map(({ to, place }) => fault(index, place, `"${to}" undoes another step; no way leads to it.`));

const checkFirst = (step: UncheckedStep, index: number, undoing: ReadonlyMap<string, unknown>): Violation[] =>
  index === 0 && undoing.has(step.id) ? [fault(index, [], 'The first step starts; it cannot undo another.')] : [];

const checkCompensate = ({ onError }: UncheckedStep, index: number, canUndo: boolean): Violation[] =>
  onError?.then !== 'compensate' || canUndo
    ? []
    : [fault(index, ['onError', 'then'], 'No step of this workflow names a compensation; there is nothing to undo.')];
