import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { raiseAccess } from '../../access/access-states.js';
import { loadMember } from '../people.js';
import { expectAnother, expectGrantable } from '../role-changes.js';

/** Lets a deactivated member sign in again. */
export class ReactivateUser extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly userId: string,
  ) {
    super();
  }
}

@CommandHandler(ReactivateUser)
export class ReactivateUserHandler implements ICommandHandler<ReactivateUser> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws forbidden `role-not-grantable`, conflict `own-membership` or `not-possible-now` */
  async execute({ actor, userId }: ReactivateUser): Promise<void> {
    await this.unitOfWork.run(actor, async (unit) => {
      const member = await loadMember(unit.em, actor.organizationId, userId);
      expectAnother(actor, member);
      expectGrantable(actor, member.roles);
      unit.record('user', member, ...member.reactivate());
      await raiseAccess(unit.em, actor.organizationId);
    });
  }
}
