import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { newId } from '../../../kernel/id.js';
import type { Actor } from '../../../platform/http/actor.js';
import { RequestedAttempts } from '../requested-attempts.js';
import { webhookBody } from '../webhook-body.js';
import { loadEndpoint } from '../webhook-endpoint-rows.js';
import type { AttemptPlace } from '../webhook-outbox.js';

const TYPE = 'webhook.test';

/** Sends a webhook `webhook.test` to an endpoint, also to one that is disabled. */
export class TestWebhookEndpoint extends Command<AttemptPlace> {
  constructor(
    readonly actor: Actor,
    readonly endpointId: string,
  ) {
    super();
  }
}

@CommandHandler(TestWebhookEndpoint)
export class TestWebhookEndpointHandler implements ICommandHandler<TestWebhookEndpoint> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly attempts: RequestedAttempts,
  ) {}

  /** @throws not-found */
  execute({ actor, endpointId }: TestWebhookEndpoint): Promise<AttemptPlace> {
    return this.unitOfWork.run(actor, async (unit) => {
      const { url, name } = await loadEndpoint(unit.em, endpointId);
      const id = newId();
      const body = webhookBody({ type: TYPE, data: { endpoint: name } }, new Date());
      await unit.em.execute(
        `insert into webhook_deliveries (organization_id, id, version, endpoint_id, webhook_id, type, body, status,
           attempts, created_at)
         values (?, ?, 1, ?, ?, ?, ?, 'sending', 1, app_now())`,
        [actor.organizationId, id, endpointId, `test_${id}`, TYPE, body],
      );
      const event = { type: 'workflows.webhook-tested', version: 1, payload: { endpointId } };
      await this.attempts.add(unit, { deliveryId: id, attempt: 1, version: 1, url, event });
      return { deliveryId: id, attempt: 1 };
    });
  }
}
