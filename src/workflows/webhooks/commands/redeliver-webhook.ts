import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Unit, UnitOfWork } from '../../../audit/audit.contract.js';
import { conflict, notFound } from '../../../kernel/domain-error.js';
import type { Actor } from '../../../platform/http/actor.js';
import { RequestedAttempts } from '../requested-attempts.js';
import type { AttemptPlace } from '../webhook-outbox.js';

/** Sends a webhook again: the same id and body to where its endpoint is now, under a new time and signature. */
export class RedeliverWebhook extends Command<AttemptPlace> {
  constructor(
    readonly actor: Actor,
    readonly deliveryId: string,
  ) {
    super();
  }
}

interface Counted {
  readonly version: number;
  readonly attempts: number;
  readonly endpointId: string;
  readonly type: string;
}

@CommandHandler(RedeliverWebhook)
export class RedeliverWebhookHandler implements ICommandHandler<RedeliverWebhook> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly attempts: RequestedAttempts,
  ) {}

  /** @throws not-found, conflict `webhook-endpoint-removed` or `webhook-being-sent` */
  execute({ actor, deliveryId }: RedeliverWebhook): Promise<AttemptPlace> {
    return this.unitOfWork.run(actor, async (unit) => {
      const { version, attempts, endpointId, type } = await count(unit, deliveryId);
      await expectAtRest(unit, deliveryId);
      const url = await urlOf(unit, endpointId);
      const payload = { endpointId, type, attempt: attempts };
      const event = { type: 'workflows.webhook-redelivered', version: 1, payload };
      await this.attempts.add(unit, { deliveryId, attempt: attempts, version, url, event });
      return { deliveryId, attempt: attempts };
    });
  }
}

/** Counts one attempt more, and keeps others from doing so meanwhile. @throws not-found */
async function count({ em, actor }: Unit, deliveryId: string): Promise<Counted> {
  const [delivery] = await em.execute<Counted[]>(
    `update webhook_deliveries set version = version + 1, attempts = attempts + 1
     where organization_id = ? and id = ? returning version, attempts, endpoint_id as "endpointId", type`,
    [actor.organizationId, deliveryId],
  );
  if (!delivery) throw notFound('The webhook delivery', deliveryId);
  return delivery;
}

/** @throws conflict `webhook-being-sent` while an attempt that was asked for is not over */
async function expectAtRest({ em, actor }: Unit, deliveryId: string): Promise<void> {
  const unfinished = await em.execute<unknown[]>(
    `select from webhook_attempts where organization_id = ? and delivery_id = ? and status in ('due', 'sending')
       and lease_until is not null`,
    [actor.organizationId, deliveryId],
  );
  if (unfinished.length === 0) return;
  throw conflict('webhook-being-sent', 'This webhook is being sent again already; wait for what comes of it.');
}

/** @throws conflict `webhook-endpoint-removed` */
async function urlOf({ em, actor }: Unit, endpointId: string): Promise<string> {
  const [endpoint] = await em.execute<{ url: string }[]>(
    'select url from webhook_endpoints where organization_id = ? and id = ? and removed_at is null',
    [actor.organizationId, endpointId],
  );
  if (endpoint) return endpoint.url;
  throw conflict('webhook-endpoint-removed', 'The endpoint of this webhook was removed; it cannot be sent again.');
}
