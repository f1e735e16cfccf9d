/** What other contexts may use of the workflows. */
export { Executions } from './executions/executions.js';
export { StepActions, type StepAction, type StepContext, type StepQueue } from './executions/step-actions.js';
