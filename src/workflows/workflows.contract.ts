/** What other contexts may use of the workflows. */
export { CreateWorkflow, type WorkflowInput } from './definitions/commands/create-workflow.js';
export type { WorkflowAnswer } from './definitions/workflow-answer.js';
export { CreateEmailTemplate } from './emails/commands/create-email-template.js';
export type { AuthoredTemplate } from './emails/email-template.js';
export { Executions } from './executions/executions.js';
export { StepActions, type StepAction, type StepContext, type StepQueue } from './executions/step-actions.js';
