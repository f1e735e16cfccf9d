import type { Violation } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import { CONFIGURATION_SCHEMAS } from './definition-schema.js';
import type { ConditionForm } from './definition.js';
import { parseDuration, parseInstant } from './duration.js';
import type { UncheckedStep } from './graph.js';
import { pointerOf } from './pointer.js';
import { placeholdersOf } from './template.js';

/** What a registered action tells about itself. */
export interface ActionDescription {
  /** JSON Schema of its parameters. */
  readonly parametersSchema: JsonObject;
}

/** What the checks of a definition need from outside. Pointers in answers begin at the value that was passed. */
export interface DefinitionChecks {
  readonly actionTypes: (name: string) => ActionDescription | undefined;
  readonly checkCondition: (condition: ConditionForm) => readonly Violation[];
  readonly checkSchema: (schema: JsonObject, value: unknown) => readonly Violation[];
}

const LATER_TYPES: ReadonlySet<string> = new Set([
  'parallel',
  'for_each',
  'wait_for_event',
  'human_task',
  'subworkflow',
]);

/** Everything about one step that can be told without the others: its type, its configuration, its error handling. */
export const checkStep = (step: UncheckedStep, checks: DefinitionChecks): Violation[] => {
  const others = [...checkThen(step), ...checkCompensation(step), ...checkNeverTaken(step)];
  if (!isStepType(step.type)) {
    const message = LATER_TYPES.has(step.type)
      ? `Steps of type ${step.type} are not available yet.`
      : `There is no step type "${step.type}"; use action, delay or condition.`;
    return [{ pointer: pointerOf(['type']), message }, ...others];
  }
  const form = checks.checkSchema(CONFIGURATION_SCHEMAS[step.type], step.configuration);
  const content = form.length > 0 ? form : CONFIGURATION_CHECKS[step.type](step, checks);
  return [...below(['configuration'], content), ...others];
};

/** Moves places that begin at a part to where the part stands. */
export const below = (place: readonly (string | number)[], violations: readonly Violation[]): Violation[] =>
  violations.map(({ pointer, message }) => ({ pointer: pointerOf(place) + pointer.slice(1), message }));

const isStepType = (type: string): type is keyof typeof CONFIGURATION_SCHEMAS =>
  Object.hasOwn(CONFIGURATION_SCHEMAS, type);

const fault = (message: string, ...place: readonly string[]): Violation[] => [{ pointer: pointerOf(place), message }];

const checkAction = ({ configuration }: UncheckedStep, checks: DefinitionChecks): Violation[] => {
  const name = configuration.action as string;
  const action = checks.actionTypes(name);
  if (!action) return fault(`There is no action "${name}".`, 'action');
  const parameters = configuration.parameters ?? {};
  // What a placeholder will give is known when the step runs; the action checks it then.
  const templated = new Set(placeholdersOf(parameters).map((placeholder) => pointerOf(placeholder.place)));
  const violations = checks.checkSchema(action.parametersSchema, parameters);
  return below(
    ['parameters'],
    violations.filter((violation) => !templated.has(violation.pointer)),
  );
};

const checkDelay = ({ configuration }: UncheckedStep): Violation[] => {
  const [key, ...others] = Object.keys(configuration);
  if (key === undefined || others.length > 0) return fault('A delay takes either duration or until.');
  const value = configuration[key] ?? null;
  if (placeholdersOf(value).length > 0) return [];
  try {
    if (key === 'until') parseInstant(value);
    else parseDuration(value);
    return [];
  } catch (error) {
    return fault(error instanceof Error ? error.message : String(error), key);
  }
};

const checkCondition = ({ configuration }: UncheckedStep, checks: DefinitionChecks): readonly Violation[] => {
  const has = (key: string): boolean => Object.hasOwn(configuration, key);
  if (has('condition') === has('conditions')) return fault('A condition step takes either condition or conditions.');
  if (!has('when') && !has('otherwise')) return fault('A condition step names the step when, otherwise, or both.');
  return checks.checkCondition(configuration as unknown as ConditionForm);
};

const CONFIGURATION_CHECKS: Record<
  keyof typeof CONFIGURATION_SCHEMAS,
  (step: UncheckedStep, checks: DefinitionChecks) => readonly Violation[]
> = {
  action: checkAction,
  delay: checkDelay,
  condition: checkCondition,
};

const checkThen = ({ onError }: UncheckedStep): Violation[] => {
  const then = onError?.then;
  if (then === 'compensate') return fault('Compensation is not available yet.', 'onError', 'then');
  if (then !== undefined && then !== 'fail' && then !== 'continue' && then !== 'goto') {
    return fault('After an error a step can fail, continue or goto.', 'onError', 'then');
  }
  if ((then === 'goto') === (onError?.goto !== undefined)) return [];
  return fault('goto names the step to go to, and stands with then: "goto" alone.', 'onError', 'goto');
};

const checkCompensation = ({ compensation }: UncheckedStep): Violation[] =>
  compensation === undefined ? [] : fault('Compensation is not available yet.', 'compensation');

const checkNeverTaken = ({ type, configuration, nextSteps }: UncheckedStep): Violation[] =>
  type === 'condition' && 'when' in configuration && 'otherwise' in configuration && nextSteps.length > 0
    ? fault('With both when and otherwise nextSteps is never taken; leave it empty.', 'nextSteps')
    : [];
