import type { Violation } from '../../kernel/domain-error.js';
import type { DefinitionChecks } from './definition-checks.js';
import { DEFINITION_SCHEMA } from './definition-schema.js';
import { variableNames } from './definition.js';
import type { Variable, WorkflowDraft } from './definition.js';
import type { UncheckedStep } from './graph.js';
import { below, pointerOf } from './pointer.js';
import { regionsOf } from './regions.js';
import { checkGraph } from './validate-graph.js';
import { checkReads } from './validate-reads.js';
import { checkStep } from './validate-step.js';
import { checkTrigger, isTriggerType } from './validate-trigger.js';
import type { UncheckedTrigger } from './validate-trigger.js';
import { isOfType } from './variables.js';

interface UncheckedDefinition {
  readonly trigger: UncheckedTrigger;
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
  const names = namesOf(trigger, variables);
  const regions = regionsOf(steps);
  return [
    ...checkTrigger(trigger, variables, checks),
    ...checkVariables(variables),
    ...steps.flatMap((step, index) => below(['steps', index], checkStep(step, checks))),
    ...checkGraph(steps, regions),
    ...checkReads(steps, names, regions),
  ];
};

/** An unknown trigger brings nothing. */
const namesOf = (trigger: UncheckedTrigger, variables: readonly Variable[]): ReadonlySet<string> => {
  const known = isTriggerType(trigger.type)
    ? (trigger as unknown as WorkflowDraft['trigger'])
    : ({ type: 'manual' } as const);
  return variableNames({ trigger: known, variables });
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
