import type { EventType } from '../../audit/audit.contract.js';

const endpoint = (type: string, description: string): EventType => ({
  type: `workflows.webhook-endpoint-${type}`,
  version: 1,
  isPublished: false,
  description,
});

const delivery = (type: string, isPublished: boolean, description: string): EventType => ({
  type: `workflows.webhook-${type}`,
  version: 1,
  isPublished,
  description,
});

/** What happens to webhooks. Their content is not told: it stands with the delivery. */
export const webhookEventTypes: readonly EventType[] = [
  endpoint('created', 'A webhook endpoint was made: name, host, whether it is enabled'),
  endpoint('changed', 'A webhook endpoint was changed: name, host, whether it is enabled'),
  endpoint('secret-rotated', 'A webhook endpoint got another secret: until when the one before signs too'),
  endpoint('removed', 'A webhook endpoint was removed, and its secrets with it'),
  delivery('delivered', true, 'A receiver took a webhook: endpoint, type, execution, step run, attempt, its answer'),
  delivery(
    'failed',
    true,
    'An attempt to deliver a webhook failed: endpoint, type, execution, step run, attempt, the answer if any',
  ),
  delivery('unknown', true, 'A webhook was sent and no answer came: endpoint, type, execution, step run, attempt'),
  delivery('tested', false, 'Somebody had a test webhook sent: endpoint'),
  delivery('redelivered', false, 'Somebody had a webhook sent again: endpoint, type, attempt'),
];
