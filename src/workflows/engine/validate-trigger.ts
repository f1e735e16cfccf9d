import type { Violation } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import type { DefinitionChecks } from './definition-checks.js';
import type { ScheduleTrigger, Trigger, Variable } from './definition.js';
import { below, fault, pointerOf } from './pointer.js';
import { isTimeZone } from './time-zone.js';
import { TRIGGER_SCHEMAS } from './trigger-schemas.js';
import { checkFilter } from './validate-filter.js';
import { isOfType } from './variables.js';

/** A trigger whose form is not yet known. */
export type UncheckedTrigger = JsonObject & { readonly type: string };

/** Everything that is wrong with a trigger, and with variables that it could never give. */
export const checkTrigger = (
  trigger: UncheckedTrigger,
  variables: readonly Variable[],
  checks: DefinitionChecks,
): Violation[] => {
  if (!isTriggerType(trigger.type)) {
    const types = Object.keys(TRIGGER_SCHEMAS).join(', ');
    return fault(`There is no trigger "${trigger.type}"; use one of ${types}.`, 'trigger', 'type');
  }
  const form = below(['trigger'], checks.checkSchema(TRIGGER_SCHEMAS[trigger.type], trigger));
  if (form.length > 0) return form;
  const checked = trigger as unknown as Trigger;
  return [...checkContent(checked, variables, checks), ...checkGiven(checked, variables)];
};

/** Whether there is a trigger of this type. */
export const isTriggerType = (type: string): type is Trigger['type'] => Object.hasOwn(TRIGGER_SCHEMAS, type);

const checkContent = (trigger: Trigger, variables: readonly Variable[], checks: DefinitionChecks): Violation[] => {
  if (trigger.type === 'event') {
    const { eventType, filter } = trigger;
    return [
      ...(checks.isEventType(eventType)
        ? []
        : fault(`Nothing tells events of type "${eventType}".`, 'trigger', 'eventType')),
      ...(filter === undefined ? [] : checkFilter(filter, checks, 'trigger', 'filter')),
    ];
  }
  return trigger.type === 'schedule' ? checkSchedule(trigger, variables, checks) : [];
};

const checkSchedule = (
  { cron, timeZone = 'UTC', variables: given = {} }: ScheduleTrigger,
  variables: readonly Variable[],
  checks: DefinitionChecks,
): Violation[] => {
  if (!isTimeZone(timeZone)) {
    return fault(`There is no time zone "${timeZone}"; write one as Europe/Berlin.`, 'trigger', 'timeZone');
  }
  const wrong = checks.checkCron(cron, timeZone);
  const declared = new Map(variables.map((variable) => [variable.name, variable]));
  return [
    ...(wrong === undefined ? [] : fault(wrong, 'trigger', 'cron')),
    ...Object.entries(given).flatMap(([name, value]) => {
      const variable = declared.get(name);
      const place = ['trigger', 'variables', name];
      if (!variable) return fault(`Variable "${name}" is not declared by this workflow.`, ...place);
      if (value === null || isOfType(value, variable.type)) return [];
      return fault(`Variable "${name}" must be of type ${variable.type}.`, ...place);
    }),
  ];
};

const BRINGS: Readonly<Record<Exclude<Trigger['type'], 'manual'>, string>> = {
  event: 'An event gives no "$"; give it a default, or read {{event}} instead.',
  schedule: 'The schedule gives no "$"; give it a default, or name it in trigger.variables.',
  webhook: 'A webhook gives no "$"; give it a default, or read {{webhook.body}} instead.',
};

/** Nobody is there to give what must be given, unless a person starts the workflow. */
const checkGiven = (trigger: Trigger, variables: readonly Variable[]): Violation[] => {
  const { type } = trigger;
  if (type === 'manual') return [];
  const given: JsonObject = type === 'schedule' ? (trigger.variables ?? {}) : {};
  return variables.flatMap(({ name, required, default: fallback }, index) =>
    required && fallback === undefined && (!Object.hasOwn(given, name) || given[name] === null)
      ? [{ pointer: pointerOf(['variables', index, 'required']), message: BRINGS[type].replace('$', () => name) }]
      : [],
  );
};
