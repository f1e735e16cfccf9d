import type { StepType, WorkflowDefinition } from '../engine/definition.js';
import { stepOf } from '../engine/definition-index.js';
import type { StepActions, StepQueue } from './step-actions.js';

/** Types of steps that a worker does something for; the others wait, or are decided within a transition. */
const WORK: ReadonlySet<StepType> = new Set<StepType>(['action', 'subworkflow']);

/** Whether a step of this type is work for somebody, so that it begins only when it is taken. */
export const isWork = (type: StepType): boolean => WORK.has(type);

/** The queue that a step's runs wait in: that of its action. */
export function queueOf(definition: WorkflowDefinition, actions: Pick<StepActions, 'find'>, stepId: string): StepQueue {
  const step = stepOf(definition, stepId);
  const action = step.type === 'action' ? actions.find(step.configuration.action) : undefined;
  return action?.queue ?? 'workflow-steps';
}

/** Whether a run of this step is there to undo another one. */
export const isCompensation = ({ steps }: WorkflowDefinition, stepId: string): boolean =>
  steps.some(({ compensation }) => compensation === stepId);
