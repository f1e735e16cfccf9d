import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { raiseAccess } from '../../access/access-states.js';
import { Session } from '../../sessions/session.js';
import { Invitation } from '../invitation.js';
import { loadMember } from '../people.js';
import { expectAnother, expectAnotherOwner, expectGrantable } from '../role-changes.js';

/** Keeps a member from signing in and ends their sessions here; in force within a second. */
export class DeactivateUser extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly userId: string,
  ) {
    super();
  }
}

@CommandHandler(DeactivateUser)
export class DeactivateUserHandler implements ICommandHandler<DeactivateUser> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws forbidden `role-not-grantable`, conflict `own-membership`, `last-owner` or `not-possible-now` */
  async execute({ actor, userId }: DeactivateUser): Promise<void> {
    await this.unitOfWork.run(actor, async (unit) => {
      const member = await loadMember(unit.em, actor.organizationId, userId);
      expectAnother(actor, member);
      expectGrantable(actor, member.roles);
      await expectAnotherOwner(unit.em, member);
      unit.record('user', member, ...member.deactivate());
      // Written before the sessions are read: a sign-in that holds the membership is waited for.
      await unit.em.flush();
      await unit.em.nativeDelete(Invitation, { userId });
      for (const session of await unit.em.find(Session, { userId, revokedAt: null })) {
        unit.record('session', session, ...session.revoke('deactivated', new Date()));
      }
      await raiseAccess(unit.em, actor.organizationId);
    });
  }
}
