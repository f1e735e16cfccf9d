import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { notFound } from '../../../kernel/domain-error.js';
import type { Actor } from '../../../platform/http/actor.js';
import { raiseAccess } from '../../access/access-states.js';
import { ApiKey } from '../api-key.js';

/** Makes an API key worthless for ever; in force within a second. */
export class RevokeApiKey extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly apiKeyId: string,
  ) {
    super();
  }
}

@CommandHandler(RevokeApiKey)
export class RevokeApiKeyHandler implements ICommandHandler<RevokeApiKey> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws not-found */
  async execute({ actor, apiKeyId }: RevokeApiKey): Promise<void> {
    await this.unitOfWork.run(actor, async (unit) => {
      const apiKey = await unit.em.findOne(ApiKey, { id: apiKeyId });
      if (!apiKey) throw notFound('API key', apiKeyId);
      unit.record('api-key', apiKey, ...apiKey.revoke(new Date()));
      await raiseAccess(unit.em, actor.organizationId);
    });
  }
}
