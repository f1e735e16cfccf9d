import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { notFound } from '../../../kernel/domain-error.js';
import type { Actor } from '../../../platform/http/actor.js';
import { Organization } from '../organization.js';

export interface RenameOrganizationInput {
  readonly name: string;
  /** The version that the caller saw. */
  readonly expectedVersion: number | undefined;
}

/** Gives the actor's organization another name; its slug stays. */
export class RenameOrganization extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly input: RenameOrganizationInput,
  ) {
    super();
  }
}

@CommandHandler(RenameOrganization)
export class RenameOrganizationHandler implements ICommandHandler<RenameOrganization> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws stale */
  async execute({ actor, input }: RenameOrganization): Promise<void> {
    await this.unitOfWork.run(actor, async (unit) => {
      const organization = await unit.em.findOne(Organization, { id: actor.organizationId });
      if (!organization) throw notFound('Organization', actor.organizationId);
      organization.expectVersion(input.expectedVersion);
      unit.record('organization', organization, ...organization.rename(input.name));
    });
  }
}
