import type { Violation } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import { DEFINITION_SCHEMA, TRIGGER_SCHEMAS } from './definition-schema.js';
import { variableNames } from './definition.js';
import type { Variable, WorkflowDraft } from './definition.js';
import type { UncheckedStep } from './graph.js';
import { pointerOf } from './pointer.js';
import { checkGraph } from './validate-graph.js';
import { checkReads } from './validate-reads.js';
import { below, checkStep } from './validate-step.js';
import type { DefinitionChecks } from './validate-step.js';
import { isOfType } from './variables.js';

interface UncheckedDefinition {
  readonly trigger: JsonObject & { readonly type: string };
  readonly variables?: readonly Variable[];
  readonly steps: readonly (Omit<UncheckedStep, 'nextSteps'> & Partial<Pick<UncheckedStep, 'nextSteps'>>)[];
}

/**
 * Everything that is wrong with a workflow as its author wrote it, each with its place; nothing when it can run.
 * A definition of the wrong form is told about its form alone.
 */
export const validateDefinition = (input: unknown, checks: DefinitionChecks): Violation[] => {
  const form = checks.checkSchema(DEFINITION_SCHEMA, input);
  if (form.length > 0) return [...form];
  const { trigger, variables = [], steps: written } = input as UncheckedDefinition;
  const steps = written.map((step) => ({ ...step, nextSteps: step.nextSteps ?? [] }));
  const names = variableNames({ trigger: trigger as unknown as WorkflowDraft['trigger'], variables });
  return [
    ...checkTrigger(trigger, checks),
    ...checkVariables(variables),
    ...steps.flatMap((step, index) => below(['steps', index], checkStep(step, checks))),
    ...checkGraph(steps),
    ...checkReads(steps, names),
  ];
};

const LATER_TRIGGERS = new Set(['schedule', 'webhook']);

const checkTrigger = (trigger: UncheckedDefinition['trigger'], checks: DefinitionChecks): Violation[] => {
  if (trigger.type !== 'manual' && trigger.type !== 'event') {
    const message = LATER_TRIGGERS.has(trigger.type)
      ? `Triggers of type ${trigger.type} are not available yet.`
      : `There is no trigger "${trigger.type}"; use manual or event.`;
    return [{ pointer: pointerOf(['trigger', 'type']), message }];
  }
  const form = below(['trigger'], checks.checkSchema(TRIGGER_SCHEMAS[trigger.type], trigger));
  if (form.length > 0 || trigger.filter === undefined) return form;
  return checks.checkCondition({ condition: trigger.filter }).map(({ pointer, message }) => ({
    pointer: pointer.replace(/^#\/condition(?=\/|$)/, '#/trigger/filter'),
    message,
  }));
};

const checkVariables = (variables: readonly Variable[]): Violation[] => {
  const seen = new Set<string>();
  return variables.flatMap(({ name, type, default: value }, index) => {
    const isTwice = seen.has(name);
    seen.add(name);
    const twice = isTwice
      ? [{ pointer: pointerOf(['variables', index, 'name']), message: `"${name}" is declared twice.` }]
      : [];
    if (value === undefined || value === null || isOfType(value, type)) return twice;
    return [
      ...twice,
      { pointer: pointerOf(['variables', index, 'default']), message: `The default must be of type ${type}.` },
    ];
  });
};
