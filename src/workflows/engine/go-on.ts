import type { JsonValue } from '../../kernel/json.js';
import { stepOf } from './definition-index.js';
import { renderValue } from './template.js';
import type { ActionStep, Step } from './steps.js';
import type { StepRunKey } from './state.js';
import { isForward, setOutput, valuesIn } from './transition.js';
import type { Transition } from './transition.js';

/** The step that follows when nothing else is said. */
export const followerOf = (step: Step): string | undefined => {
  if (step.type === 'parallel') return step.configuration.then;
  return step.nextSteps[0];
};

/** A visit has succeeded: writes down what it gave and how it is undone, and goes on. */
export const succeed = (
  transition: Transition,
  run: StepRunKey,
  output: JsonValue,
  next = followerOf(stepOf(transition.definition, run.stepId)),
): void => {
  setOutput(transition, run.scope, run.stepId, output);
  rememberCompensation(transition, run);
  goOn(transition, run, output, next);
};

/** Goes on after a visit that is over: with the next step, or else with whatever encloses the region. */
export const goOn = (
  transition: Transition,
  { stepId, scope }: Pick<StepRunKey, 'stepId' | 'scope'>,
  output: JsonValue,
  next: string | undefined,
): void => {
  if (!isForward(transition)) return;
  if (next !== undefined) transition.agenda.push({ kind: 'enter', stepId: next, scope });
  else if (scope !== '') transition.agenda.unshift({ kind: 'region-end', stepId, scope, output });
};

const rememberCompensation = (transition: Transition, { stepId, scope, visit }: StepRunKey): void => {
  const { compensation } = stepOf(transition.definition, stepId);
  if (compensation === undefined) return;
  const { configuration } = stepOf(transition.definition, compensation) as ActionStep;
  const input = renderValue(configuration.parameters ?? {}, valuesIn(transition, scope));
  const of = { stepId, scope, visit };
  transition.compensations = [...transition.compensations, { stepId: compensation, of, input }];
};
