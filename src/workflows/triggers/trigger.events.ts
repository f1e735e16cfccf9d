import type { EventType } from '../../audit/audit.contract.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import { newId } from '../../kernel/id.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Workflow } from '../definitions/workflow.js';

const type = (name: string, description: string): EventType => ({
  type: `workflows.${name}`,
  version: 1,
  isPublished: false,
  description,
});

/** What starts workflows by itself tells of this. None is published: what follows from them is the execution. */
export const triggerEventTypes: readonly EventType[] = [
  type('schedule-fired', 'A schedule came due: workflow, scheduledAt, firedAt; it causes the execution'),
  type('schedule-missed', 'Firings of a schedule were missed and not each is made up for: policy, first, last'),
  type('workflow-not-started', 'A workflow could not be started by its trigger: workflow, code, message'),
  type('inbound-webhook-created', 'A workflow got a secret URL: workflow'),
  type('inbound-webhook-rotated', 'URL and secret of an inbound webhook were replaced; the old ones count no more'),
  type('inbound-webhook-removed', 'A secret URL was removed'),
  type(
    'inbound-webhook-received',
    'A signed request from outside was taken: workflow, message id; it causes the execution',
  ),
];

const event = (name: string, { id, definition }: Workflow, payload: JsonObject = {}): DomainEvent & { id: string } => ({
  type: `workflows.${name}`,
  version: 1,
  payload: { workflowId: id, name: definition.name, ...payload },
  // Known beforehand, because the execution is caused by it.
  id: newId(),
});

/** The variable that a schedule brings to an execution; ISO 8601. */
export interface FiredSchedule extends JsonObject {
  readonly scheduledAt: string;
  /** Later than that when the firing was missed. */
  readonly firedAt: string;
}

export const scheduleFired = (workflow: Workflow, schedule: FiredSchedule) =>
  event('schedule-fired', workflow, schedule);

export const scheduleMissed = (workflow: Workflow, policy: string, missed: { first: Date; last: Date }) =>
  event('schedule-missed', workflow, {
    policy,
    first: missed.first.toISOString(),
    last: missed.last.toISOString(),
  });

export const workflowNotStarted = (workflow: Workflow, reason: { code: string; message: string }) =>
  event('workflow-not-started', workflow, { code: reason.code, message: reason.message });

export const webhookChanged = (change: 'created' | 'rotated' | 'removed', workflow: Workflow) =>
  event(`inbound-webhook-${change}`, workflow);

export const webhookReceived = (workflow: Workflow, messageId: string) =>
  event('inbound-webhook-received', workflow, { messageId });
