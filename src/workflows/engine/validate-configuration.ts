import type { Violation } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import { minutesOf } from './business-hours.js';
import type { DefinitionChecks } from './definition-checks.js';
import { parseDuration, parseInstant } from './duration.js';
import type { UncheckedStep } from './graph.js';
import { below, fault, pointerOf } from './pointer.js';
import type { BusinessHours, ConditionForm, StepType } from './steps.js';
import { placeholdersOf } from './template.js';
import { isTimeZone } from './time-zone.js';
import { checkFilter } from './validate-filter.js';

type ConfigurationCheck = (step: UncheckedStep, checks: DefinitionChecks) => readonly Violation[];

/** What is wrong with a configuration whose form is right; places begin at the configuration. */
export const checkConfiguration = (
  type: StepType,
  step: UncheckedStep,
  checks: DefinitionChecks,
): readonly Violation[] => CHECKS[type](step, checks);

const checkAction: ConfigurationCheck = ({ configuration }, checks) => {
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

const checkDelay: ConfigurationCheck = ({ configuration }) => {
  const { duration, until, businessHours, timeZone } = configuration;
  if ((duration === undefined) === (until === undefined)) return fault('A delay takes either duration or until.');
  return [
    ...checkDurations(configuration, 'duration'),
    ...checkUntil(configuration),
    ...checkTimeZone(timeZone, until !== undefined || businessHours !== undefined),
    ...checkBusinessHours(businessHours as BusinessHours | undefined),
  ];
};

const checkUntil = ({ until, timeZone }: JsonObject): Violation[] => {
  if (until === undefined || placeholdersOf(until).length > 0) return [];
  const zone = typeof timeZone === 'string' && isTimeZone(timeZone) ? timeZone : undefined;
  return told('until', () => parseInstant(until, zone));
};

const checkTimeZone = (timeZone: unknown, isUsed: boolean): Violation[] => {
  if (typeof timeZone !== 'string') return [];
  if (!isTimeZone(timeZone))
    return fault(`There is no time zone "${timeZone}"; write one as Europe/Berlin.`, 'timeZone');
  return isUsed ? [] : fault('A duration is as long everywhere; timeZone is for until and businessHours.', 'timeZone');
};

const checkBusinessHours = (hours: BusinessHours | undefined): Violation[] =>
  !hours || minutesOf(hours.from) < minutesOf(hours.to)
    ? []
    : fault('Business hours end after they begin, on the same day.', 'businessHours', 'to');

const checkCondition: ConfigurationCheck = ({ configuration }, checks) => {
  const has = (key: string): boolean => Object.hasOwn(configuration, key);
  if (has('condition') === has('conditions')) return fault('A condition step takes either condition or conditions.');
  if (!has('when') && !has('otherwise')) return fault('A condition step names the step when, otherwise, or both.');
  return checks.checkCondition(configuration as unknown as ConditionForm);
};

const checkParallel: ConfigurationCheck = ({ configuration: { join }, nextSteps }) =>
  typeof join === 'number' && join > nextSteps.length
    ? fault(`Of ${nextSteps.length} branches ${join} can never succeed.`, 'join')
    : [];

/** Names that mean something else wherever templates read. */
const RESERVED = new Set<unknown>(['variables', 'steps', 'execution', 'index', 'event']);

const checkForEach: ConfigurationCheck = ({ configuration: { items, as } }) => {
  const [first, ...others] = typeof items === 'string' ? placeholdersOf(items) : [];
  const isList = typeof items !== 'string' || (first?.text === items && others.length === 0);
  return [
    ...(isList ? [] : fault('Items are a list, or one placeholder that gives a list.', 'items')),
    ...(RESERVED.has(as)
      ? fault(`An item cannot have the name "${as as string}", which means something else.`, 'as')
      : []),
  ];
};

const checkWait: ConfigurationCheck = ({ configuration }, checks) => {
  const { eventType, filter } = configuration;
  return [
    ...(checks.isEventType(eventType as string)
      ? []
      : fault(`Nothing tells events of type "${eventType as string}".`, 'eventType')),
    ...(filter === undefined ? [] : checkFilter(filter, checks, 'filter')),
    ...checkTimeouts(configuration),
  ];
};

const checkTask: ConfigurationCheck = ({ configuration }, checks) => {
  const { assignee, role, form, escalateAfter, escalateTo } = configuration;
  const isOwned = assignee !== undefined || role !== undefined;
  const hasEscalation = escalateTo !== undefined && Object.keys(escalateTo as JsonObject).length > 0;
  return [
    ...(isOwned ? [] : fault('A human task names its assignee, a role, or both.')),
    ...(form === undefined ? [] : below(['form'], checks.checkFormSchema(form as JsonObject))),
    ...(hasEscalation === (escalateAfter !== undefined)
      ? []
      : fault(
          'An escalation says when (escalateAfter) and to whom (escalateTo, with assignee or role).',
          'escalateTo',
        )),
    ...checkDurations(configuration, 'remindAfter', 'escalateAfter'),
    ...checkTimeouts(configuration),
  ];
};

const checkTimeouts = (configuration: JsonObject): Violation[] =>
  configuration.onTimeout !== undefined && configuration.timeout === undefined
    ? fault('Without a timeout onTimeout is never taken; leave it out.', 'onTimeout')
    : checkDurations(configuration, 'timeout');

/** Durations that are written out; a placeholder is known when the step begins. */
const checkDurations = (configuration: JsonObject, ...keys: readonly string[]): Violation[] =>
  keys.flatMap((key) => {
    const duration = configuration[key];
    if (duration === undefined || placeholdersOf(duration).length > 0) return [];
    return told(key, () => parseDuration(duration));
  });

const told = (key: string, parse: () => unknown): Violation[] => {
  try {
    parse();
    return [];
  } catch (error) {
    return fault(error instanceof Error ? error.message : String(error), key);
  }
};

const CHECKS: Readonly<Record<StepType, ConfigurationCheck>> = {
  action: checkAction,
  delay: checkDelay,
  condition: checkCondition,
  parallel: checkParallel,
  for_each: checkForEach,
  wait_for_event: checkWait,
  human_task: checkTask,
  subworkflow: () => [],
};
