import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { PLATFORM_ORGANIZATION } from '../../../kernel/id.js';
import { platformPermissions } from '../../access/permissions.js';
import { systemActor, type Trail } from '../../access/system-actor.js';
import { ApiKey } from '../api-key.js';
import type { CreatedApiKey } from './create-api-key.js';

/** Makes an API key of the platform, which sees what spans all organizations; for operations alone. */
export class CreateOpsKey extends Command<CreatedApiKey> {
  constructor(
    readonly trail: Trail,
    readonly name: string,
    readonly expiresAt: Date,
  ) {
    super();
  }
}

@CommandHandler(CreateOpsKey)
export class CreateOpsKeyHandler implements ICommandHandler<CreateOpsKey> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws invalid `bad-expiry` */
  execute({ trail, name, expiresAt }: CreateOpsKey): Promise<CreatedApiKey> {
    const organizationId = PLATFORM_ORGANIZATION;
    return this.unitOfWork.run(systemActor(organizationId, trail), async (unit) => {
      const input = { organizationId, name, permissions: platformPermissions, expiresAt };
      const { apiKey, token, event } = ApiKey.create(input, new Date());
      unit.em.persist(apiKey);
      unit.record('api-key', apiKey, event);
      return { id: apiKey.id, token };
    });
  }
}
