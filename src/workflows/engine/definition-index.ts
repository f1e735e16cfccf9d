import type { Step, WorkflowDefinition } from './definition.js';

const indexes = new WeakMap<WorkflowDefinition, ReadonlyMap<string, Step>>();

/** The step of this id; a definition that was validated has it. */
export const stepOf = (definition: WorkflowDefinition, stepId: string): Step => {
  let index = indexes.get(definition);
  if (!index) indexes.set(definition, (index = new Map(definition.steps.map((step) => [step.id, step]))));
  const step = index.get(stepId);
  if (!step) throw new Error(`Step "${stepId}" is not in the definition of this execution.`);
  return step;
};

const compensations = new WeakMap<WorkflowDefinition, ReadonlySet<string>>();

/** Whether a step is there to undo another, and stands outside the ways of the others. */
export const isCompensation = (definition: WorkflowDefinition, stepId: string): boolean => {
  let ids = compensations.get(definition);
  if (!ids) {
    ids = new Set(definition.steps.flatMap(({ compensation }) => (compensation === undefined ? [] : [compensation])));
    compensations.set(definition, ids);
  }
  return ids.has(stepId);
};
