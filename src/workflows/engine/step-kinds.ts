import { stepOf } from './definition-index.js';
import type { StepType } from './steps.js';
import type { Transition } from './transition.js';

/** Visits of these are open while their parts run. */
const OWNERS: ReadonlySet<StepType> = new Set<StepType>(['parallel', 'for_each']);

/** Visits of these end by a timer or from outside; no worker is at them. */
const WAITING: ReadonlySet<StepType> = new Set<StepType>(['delay', 'wait_for_event', 'human_task', 'subworkflow']);

/** Whether a step is a parallel or for_each. */
export const isOwner = ({ definition }: Transition, stepId: string): boolean =>
  OWNERS.has(stepOf(definition, stepId).type);

/** Whether a step is one that waits. */
export const isWaiting = ({ definition }: Transition, stepId: string): boolean =>
  WAITING.has(stepOf(definition, stepId).type);
