import type { Violation } from '../../kernel/domain-error.js';
import { CONFIGURATION_SCHEMAS } from './configuration-schemas.js';
import type { DefinitionChecks } from './definition-checks.js';
import type { UncheckedStep } from './graph.js';
import { below, fault } from './pointer.js';
import type { StepType } from './steps.js';
import { checkConfiguration } from './validate-configuration.js';

/** Steps whose errors another attempt may cure; those of the others follow from the data or from their parts. */
const RETRIED: ReadonlySet<string> = new Set<StepType>(['action', 'subworkflow']);

/** Everything about one step that can be told without the others: its type, its configuration, its error handling. */
export const checkStep = (step: UncheckedStep, checks: DefinitionChecks): Violation[] => {
  const others = [...checkThen(step), ...checkRetry(step), ...checkNextSteps(step)];
  if (!isStepType(step.type)) {
    const types = Object.keys(CONFIGURATION_SCHEMAS).join(', ');
    return [...fault(`There is no step type "${step.type}"; use one of ${types}.`, 'type'), ...others];
  }
  const form = checks.checkSchema(CONFIGURATION_SCHEMAS[step.type], step.configuration);
  const content = form.length > 0 ? form : checkConfiguration(step.type, step, checks);
  return [...below(['configuration'], content), ...others];
};

const isStepType = (type: string): type is StepType => Object.hasOwn(CONFIGURATION_SCHEMAS, type);

const THEN = new Set<unknown>(['fail', 'continue', 'goto', 'compensate', undefined]);

const checkThen = ({ onError }: UncheckedStep): Violation[] => {
  const then = onError?.then;
  if (!THEN.has(then)) return fault('After an error a step can fail, continue, goto or compensate.', 'onError', 'then');
  if ((then === 'goto') === (onError?.goto !== undefined)) return [];
  return fault('goto names the step to go to, and stands with then: "goto" alone.', 'onError', 'goto');
};

const checkRetry = ({ type, onError }: UncheckedStep): Violation[] =>
  onError?.retry === undefined || RETRIED.has(type) || !isStepType(type)
    ? []
    : fault(`No other attempt helps a step of type ${type}; retry an action or a subworkflow.`, 'onError', 'retry');

const checkNextSteps = ({ type, configuration, nextSteps }: UncheckedStep): Violation[] => {
  if (type === 'parallel' && nextSteps.length === 0)
    return fault('A parallel begins at least one branch.', 'nextSteps');
  return type === 'condition' && 'when' in configuration && 'otherwise' in configuration && nextSteps.length > 0
    ? fault('With both when and otherwise nextSteps is never taken; leave it empty.', 'nextSteps')
    : [];
};
