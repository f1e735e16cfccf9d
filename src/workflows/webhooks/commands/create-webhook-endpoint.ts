import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { newId } from '../../../kernel/id.js';
import { Outbound } from '../../../platform/outbound/outbound.js';
import type { Actor } from '../../../platform/http/actor.js';
import { WebhookEndpoint, type AuthoredEndpoint } from '../webhook-endpoint.js';
import {
  endpointAnswer,
  expectCallable,
  expectNameFree,
  type WebhookEndpointWithSecret,
} from '../webhook-endpoint-rows.js';
import { expectSecret, makeSecret } from '../webhook-secret.js';
import { WebhookSecrets } from '../webhook-secrets.js';

/** Makes an endpoint; its secret is made too unless the receiver gave one, and can be had only here. */
export class CreateWebhookEndpoint extends Command<WebhookEndpointWithSecret> {
  constructor(
    readonly actor: Actor,
    readonly input: AuthoredEndpoint,
    readonly secret: string | undefined,
  ) {
    super();
  }
}

@CommandHandler(CreateWebhookEndpoint)
export class CreateWebhookEndpointHandler implements ICommandHandler<CreateWebhookEndpoint> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly secrets: WebhookSecrets,
    private readonly outbound: Outbound,
  ) {}

  /** @throws invalid `webhook-target-refused` or `invalid-secret`, conflict `endpoint-name-taken` */
  async execute({ actor, input, secret: given }: CreateWebhookEndpoint): Promise<WebhookEndpointWithSecret> {
    expectCallable(this.outbound, input.url);
    const secret = given === undefined ? makeSecret() : expectSecret(given);
    const { organizationId } = actor;
    const id = newId();
    const sealed = await this.secrets.seal({ organizationId, endpointId: id }, secret);
    return this.unitOfWork.run(actor, async (unit) => {
      const { endpoint, events } = WebhookEndpoint.create({ id, organizationId }, input, sealed, new Date());
      await expectNameFree(unit.em, endpoint);
      unit.em.persist(endpoint);
      await unit.em.flush();
      unit.record('webhook-endpoint', endpoint, ...events);
      unit.keepAnswerSecret(`/api/v1/webhook-endpoints/${id}`);
      return { ...endpointAnswer(endpoint), secret };
    });
  }
}
