import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { newId } from '../../../kernel/id.js';
import { systemActor, type Trail } from '../../access/system-actor.js';
import { InviteUser, type Invited } from '../../users/commands/invite-user.js';
import { addOrganization } from '../add-organization.js';
import { slugOf } from '../organization.js';

export interface CreateOrganizationInput {
  readonly name: string;
  /** Made from the name unless given. */
  readonly slug?: string;
  /** E-mail of the person who is invited as its owner. */
  readonly ownerEmail: string;
}

/** A new organization and the invitation of its owner. */
export interface CreatedOrganization extends Invited {
  readonly organizationId: string;
  readonly slug: string;
}

/** Makes an organization and invites its owner; for operations, because nobody in it could ask yet. */
export class CreateOrganization extends Command<CreatedOrganization> {
  constructor(
    readonly trail: Trail,
    readonly input: CreateOrganizationInput,
  ) {
    super();
  }
}

@CommandHandler(CreateOrganization)
export class CreateOrganizationHandler implements ICommandHandler<CreateOrganization> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly commands: CommandBus,
  ) {}

  /** @throws invalid `bad-slug`, conflict `slug-taken` */
  async execute({ trail, input }: CreateOrganization): Promise<CreatedOrganization> {
    const { name, ownerEmail, slug = slugOf(name) } = input;
    const id = newId();
    const actor = systemActor(id, trail);
    const invited = await this.unitOfWork.run(actor, async (unit) => {
      await addOrganization(unit, { id, name, slug });
      return this.commands.execute(
        new InviteUser(actor, { email: ownerEmail, name: ownerEmail.split('@')[0]!, roles: ['owner'] }),
      );
    });
    return { organizationId: id, slug, ...invited };
  }
}
