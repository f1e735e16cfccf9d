import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Unit, UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { Role } from '../../access/permissions.js';
import { Invitation } from '../invitation.js';
import { Member } from '../member.js';
import { ensurePerson } from '../people.js';
import { expectGrantable, rolesFrom } from '../role-changes.js';

export interface InviteUserInput {
  readonly email: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/** A person who was invited. The token can be had only here; it makes whoever has it a member, once. */
export interface Invited {
  readonly userId: string;
  readonly invitationToken: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** Invites a person, or invites again who has not come yet; then the invitation before is void. */
export class InviteUser extends Command<Invited> {
  constructor(
    readonly actor: Actor,
    readonly input: InviteUserInput,
  ) {
    super();
  }
}

@CommandHandler(InviteUser)
export class InviteUserHandler implements ICommandHandler<InviteUser> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws forbidden `role-not-grantable`, conflict `not-possible-now` when the person is a member already */
  async execute({ actor, input }: InviteUser): Promise<Invited> {
    const roles = rolesFrom(input.roles);
    expectGrantable(actor, roles);
    return this.unitOfWork.run(actor, async (unit) => {
      const userId = await ensurePerson(unit.em, input.email);
      await this.inviteMember(unit, userId, { name: input.name, roles });
      await unit.em.nativeDelete(Invitation, { userId });
      const [invitation, invitationToken] = Invitation.issue(actor.organizationId, userId, new Date());
      unit.em.persist(invitation);
      unit.keepAnswerSecret(`/api/v1/users/${userId}`);
      return { userId, invitationToken, expiresAt: invitation.expiresAt.toISOString() };
    });
  }

  private async inviteMember(
    unit: Unit,
    userId: string,
    input: { name: string; roles: readonly Role[] },
  ): Promise<void> {
    const { organizationId } = unit.actor;
    const present = await unit.em.findOne(Member, { organizationId, id: userId });
    if (present) {
      expectGrantable(unit.actor, present.roles);
      unit.record('user', present, ...present.inviteAgain(input.name, input.roles));
      return;
    }
    const [member, event] = Member.invite({ organizationId, userId, ...input }, new Date());
    await unit.em.persist(member).flush();
    unit.record('user', member, event);
  }
}
