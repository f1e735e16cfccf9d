import type { Step, WorkflowDefinition } from '../../src/workflows/engine/definition.js';

/** The steps that a step may lead to, in whatever way. */
function waysFrom(step: Step): (string | undefined)[] {
  const ways = [...step.nextSteps, step.onError?.goto, step.compensation];
  switch (step.type) {
    case 'condition':
      return [...ways, step.configuration.when, step.configuration.otherwise];
    case 'parallel':
      return [...ways, step.configuration.then];
    case 'for_each':
      return [...ways, step.configuration.do];
    case 'wait_for_event':
    case 'human_task':
      return [...ways, step.configuration.onTimeout];
    case 'action':
    case 'delay':
    case 'subworkflow':
      return ways;
  }
}

const known = new WeakMap<WorkflowDefinition, Map<string, ReadonlySet<string>>>();

/** The steps that may lead to this one. */
export function predecessorsOf(definition: WorkflowDefinition, stepId: string): ReadonlySet<string> {
  let ofDefinition = known.get(definition);
  if (!ofDefinition) known.set(definition, (ofDefinition = new Map<string, ReadonlySet<string>>()));
  let before = ofDefinition.get(stepId);
  if (!before) {
    before = new Set(definition.steps.filter((step) => waysFrom(step).includes(stepId)).map(({ id }) => id));
    ofDefinition.set(stepId, before);
  }
  return before;
}
