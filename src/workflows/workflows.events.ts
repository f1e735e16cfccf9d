import type { EventType } from '../audit/audit.contract.js';

const workflow = (type: string, description: string): EventType => ({
  type: `workflows.workflow-${type}`,
  version: 1,
  isPublished: false,
  description,
});

const execution = (type: string, isPublished: boolean, description: string): EventType => ({
  type: `workflows.${type}`,
  version: 1,
  isPublished,
  description,
});

const template = (type: string): EventType => ({
  type: `workflows.email-template-${type}`,
  version: 1,
  isPublished: false,
  description: `A mail template was ${type}: its name and version`,
});

/** What happens to workflows, their executions and the mails they send. Published: what other contexts may react to. */
export const workflowEventTypes: readonly EventType[] = [
  workflow('created', 'A workflow was written: version 1, whether it is enabled, and its definition'),
  workflow('revised', 'A new version of a workflow was saved: version, whether it is enabled, and definition'),
  workflow('archived', 'A workflow left the lists; nothing new starts'),
  execution('execution-started', true, 'A workflow began to run: workflow, name and version'),
  execution('step-completed', false, 'A visit of a step ended well: step, name, scope, visit, attempts'),
  execution(
    'step-failed',
    false,
    'An attempt at a step failed: step, name, visit, attempt, error, whether it is retried',
  ),
  execution('step-cancelled', false, 'A visit of a step was cancelled: step, name, scope, visit'),
  execution('step-resumed', false, 'Somebody brought the result that a step waited for: execution, step, scope, visit'),
  execution('subworkflow-left', true, 'A step that waited for a subworkflow was cancelled: step, scope, visit'),
  execution('execution-cancel-requested', false, 'An execution was asked to stop: workflow, whether it compensates'),
  execution('execution-retry-requested', false, 'Somebody let a failed execution go on: workflow and version'),
  execution('execution-completed', true, 'An execution came to its end: workflow and version'),
  execution('execution-failed', true, 'An execution failed: workflow, version and error'),
  execution('execution-cancelled', true, 'An execution was stopped: workflow and version'),
  execution('execution-compensated', true, 'An execution was undone: workflow, version, and why'),
  execution('human-task-created', true, 'A step gave a task to people: task, title, assignee, role'),
  execution('human-task-reminded', true, 'A task is still open after its reminder delay: task, title, assignee, role'),
  execution(
    'human-task-escalated',
    true,
    'A task is still open after its escalation delay: task, title, who has it now',
  ),
  execution('human-task-completed', true, 'Somebody completed a task: task and execution'),
  execution('email-delivered', true, 'A mail server took a mail: template, execution, step run'),
  execution(
    'email-unknown',
    true,
    'Whether a mail was sent is not known, and it is not sent again: execution, step run',
  ),
  execution('email-failed', false, 'A mail was refused or the server was away: execution, step run, code'),
  template('created'),
  template('changed'),
  template('removed'),
];
