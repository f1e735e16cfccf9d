import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { endpointAnswer, loadEndpoint, type WebhookEndpointWithSecret } from '../webhook-endpoint-rows.js';
import { expectSecret, makeSecret } from '../webhook-secret.js';
import { WebhookSecrets } from '../webhook-secrets.js';

/** Gives an endpoint another secret; the one before signs too for 24 hours. The new one can be had only here. */
export class RotateWebhookSecret extends Command<WebhookEndpointWithSecret> {
  constructor(
    readonly actor: Actor,
    readonly endpointId: string,
    readonly secret: string | undefined,
    readonly expectedVersion: number | undefined,
  ) {
    super();
  }
}

@CommandHandler(RotateWebhookSecret)
export class RotateWebhookSecretHandler implements ICommandHandler<RotateWebhookSecret> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly secrets: WebhookSecrets,
  ) {}

  /** @throws invalid `invalid-secret`, not-found, stale */
  async execute(command: RotateWebhookSecret): Promise<WebhookEndpointWithSecret> {
    const { actor, endpointId, secret: given, expectedVersion } = command;
    const secret = given === undefined ? makeSecret() : expectSecret(given);
    const sealed = await this.secrets.seal({ organizationId: actor.organizationId, endpointId }, secret);
    return this.unitOfWork.run(actor, async (unit) => {
      const endpoint = await loadEndpoint(unit.em, endpointId);
      const events = endpoint.rotate(sealed, new Date(), expectedVersion);
      await unit.em.flush();
      unit.record('webhook-endpoint', endpoint, ...events);
      unit.keepAnswerSecret(`/api/v1/webhook-endpoints/${endpointId}`);
      return { ...endpointAnswer(endpoint), secret };
    });
  }
}
