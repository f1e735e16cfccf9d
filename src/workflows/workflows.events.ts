import type { EventType } from '../audit/audit.contract.js';
import { webhookEventTypes } from './webhooks/webhooks.events.js';
import { triggerEventTypes } from './triggers/trigger.events.js';

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
  execution('step-completed', false, 'A visit of a step ended well: step, name, visit, attempts'),
  execution(
    'step-failed',
    false,
    'An attempt at a step failed: step, name, visit, attempt, error, whether it is retried',
  ),
  execution('execution-cancel-requested', false, 'Somebody asked an execution to stop at the next boundary'),
  execution('execution-completed', true, 'An execution came to its end: workflow and version'),
  execution('execution-failed', true, 'An execution failed: workflow, version and error'),
  execution('execution-cancelled', true, 'An execution was stopped: workflow and version'),
  execution('email-delivered', true, 'A mail server took a mail: execution, step run, template and its version'),
  execution(
    'email-unknown',
    true,
    'Whether a mail was sent is not known, and it is not sent again: execution, step run, template',
  ),
  execution('email-failed', false, 'A mail was refused or the server was away: execution, step run, template'),
  template('created'),
  template('changed'),
  template('removed'),
  ...webhookEventTypes,
  ...triggerEventTypes,
];
