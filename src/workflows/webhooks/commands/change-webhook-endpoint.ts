import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { Outbound } from '../../../platform/outbound/outbound.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { AuthoredEndpoint } from '../webhook-endpoint.js';
import {
  endpointAnswer,
  expectCallable,
  expectNameFree,
  loadEndpoint,
  type WebhookEndpointAnswer,
} from '../webhook-endpoint-rows.js';

/** Changes everything of an endpoint but its secret; attempts from now on go by it. */
export class ChangeWebhookEndpoint extends Command<WebhookEndpointAnswer> {
  constructor(
    readonly actor: Actor,
    readonly endpointId: string,
    readonly input: AuthoredEndpoint,
    readonly expectedVersion: number | undefined,
  ) {
    super();
  }
}

@CommandHandler(ChangeWebhookEndpoint)
export class ChangeWebhookEndpointHandler implements ICommandHandler<ChangeWebhookEndpoint> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly outbound: Outbound,
  ) {}

  /** @throws invalid `webhook-target-refused`, not-found, stale, conflict `endpoint-name-taken` */
  async execute({ actor, endpointId, input, expectedVersion }: ChangeWebhookEndpoint): Promise<WebhookEndpointAnswer> {
    return this.unitOfWork.run(actor, async (unit) => {
      const endpoint = await loadEndpoint(unit.em, endpointId);
      expectCallable(this.outbound, input.url);
      const events = endpoint.change(input, new Date(), expectedVersion);
      await expectNameFree(unit.em, endpoint);
      await unit.em.flush();
      unit.record('webhook-endpoint', endpoint, ...events);
      return endpointAnswer(endpoint);
    });
  }
}
