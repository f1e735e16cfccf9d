import { Injectable } from '@nestjs/common';
import { type DomainError, invalid, unavailable } from '../../kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { StepAction, StepContext } from '../executions/step-actions.js';
import { webhookBody } from './webhook-body.js';
import { type NotedDelivery, WebhookOutbox } from './webhook-outbox.js';
import { LOST_OUTCOME } from './webhook-outcome.js';
import { type OpenedTarget, type TimedOutcome, WebhookSender } from './webhook-sender.js';
import { WebhookTargets } from './webhook-targets.js';

interface Parameters extends JsonObject {
  readonly endpoint: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly onUnknown: 'resend' | 'keep';
}

const parametersSchema: JsonObject = {
  type: 'object',
  required: ['endpoint', 'type', 'data'],
  additionalProperties: false,
  properties: {
    endpoint: { type: 'string', minLength: 1, maxLength: 100 },
    type: { type: 'string', pattern: '^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$', maxLength: 128 },
    data: { type: 'object' },
    onUnknown: { enum: ['resend', 'keep'] },
  },
};

/**
 * The action `call_webhook`: tells an endpoint that something happened, signed after Standard Webhooks. Whether one that
 * got no answer has arrived nobody knows: with `onUnknown: resend` (unless said otherwise) it counts as failed and is
 * sent again as the step's retry policy says, under the same `webhook-id`, by which receivers know what they have had;
 * with `keep` it is never sent twice, is shown as `unknown`, and the workflow goes on. A receiver that answers with
 * `Retry-After` is spared for so long, up to a day, when that is longer than the policy's pause.
 */
@Injectable()
export class CallWebhook implements StepAction {
  readonly name = 'call_webhook';
  readonly queue = 'webhooks';
  readonly parametersSchema = parametersSchema;

  constructor(
    private readonly targets: WebhookTargets,
    private readonly outbox: WebhookOutbox,
    private readonly sender: WebhookSender,
  ) {}

  /**
   * @throws invalid `unknown-webhook-endpoint`, `webhook-endpoint-disabled`, `webhook-too-large` or `webhook-refused`,
   * unavailable `webhook-not-delivered` or `webhook-secret-unreadable`
   */
  async run(context: StepContext): Promise<JsonValue> {
    const { endpoint, type, data, onUnknown = 'resend' } = context.parameters as Parameters;
    const { organizationId } = context.actor;
    const target = await this.targets.find(organizationId, endpoint);
    const opened = await this.sender.open(organizationId, target);
    const { endpointId, url } = target;
    const body = webhookBody({ type, data }, new Date());
    const isResent = onUnknown === 'resend';
    const noted = await this.outbox.note(context, { endpointId, url, type, body, isResent });
    if (!noted.isToBeSent) return this.leave(context, noted);
    const outcome = await this.send(context, noted, opened);
    if (outcome.status === 'delivered') return answer(noted, outcome);
    if (outcome.status === 'unknown' && !isResent) return answer(noted, outcome);
    throw failureOf(outcome);
  }

  private async send(context: StepContext, noted: NotedDelivery, target: OpenedTarget): Promise<TimedOutcome> {
    const { id, attempt, body } = noted;
    const outcome = await this.sender.send(target, { webhookId: context.idempotencyKey, body }, context.signal);
    await this.outbox.settle(context.actor, { deliveryId: id, attempt }, outcome);
    return outcome;
  }

  /** It arrived before, or may have. */
  private async leave({ actor }: StepContext, noted: NotedDelivery): Promise<JsonValue> {
    const { id, attempt, status } = noted;
    if (status === 'delivered') return { deliveryId: id, status };
    const outcome = { ...LOST_OUTCOME, durationMs: 0 };
    if (status === 'sending') await this.outbox.settle(actor, { deliveryId: id, attempt }, outcome);
    return answer(noted, outcome);
  }
}

const answer = ({ id }: NotedDelivery, { status, responseStatus }: TimedOutcome): JsonObject => ({
  deliveryId: id,
  status,
  ...(responseStatus !== null && { responseStatus }),
});

const failureOf = ({ isPassing, error, retryAfterSeconds }: TimedOutcome): DomainError => {
  const message = `The webhook was not delivered. ${error}`;
  if (!isPassing) return invalid('webhook-refused', message);
  return unavailable('webhook-not-delivered', message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
};
