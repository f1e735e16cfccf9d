import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { loadEndpoint } from '../webhook-endpoint-rows.js';

/** Removes an endpoint with its secrets; a step that still names it fails when it runs. */
export class RemoveWebhookEndpoint extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly endpointId: string,
    readonly expectedVersion: number | undefined,
  ) {
    super();
  }
}

@CommandHandler(RemoveWebhookEndpoint)
export class RemoveWebhookEndpointHandler implements ICommandHandler<RemoveWebhookEndpoint> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws not-found, stale */
  async execute({ actor, endpointId, expectedVersion }: RemoveWebhookEndpoint): Promise<void> {
    await this.unitOfWork.run(actor, async (unit) => {
      const endpoint = await loadEndpoint(unit.em, endpointId);
      const events = endpoint.remove(new Date(), expectedVersion);
      await unit.em.flush();
      unit.record('webhook-endpoint', endpoint, ...events);
    });
  }
}
