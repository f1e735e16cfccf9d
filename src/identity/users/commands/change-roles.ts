import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { raiseAccess } from '../../access/access-states.js';
import { loadMember } from '../people.js';
import { expectAnother, expectAnotherOwner, expectGrantable, rolesFrom } from '../role-changes.js';

export interface ChangeRolesInput {
  readonly userId: string;
  readonly roles: readonly string[];
  /** The version that the caller saw. */
  readonly expectedVersion: number | undefined;
}

/** Gives a member other roles; in force for running sessions within a second. */
export class ChangeRoles extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly input: ChangeRolesInput,
  ) {
    super();
  }
}

@CommandHandler(ChangeRoles)
export class ChangeRolesHandler implements ICommandHandler<ChangeRoles> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws forbidden `role-not-grantable`, conflict `own-membership` or `last-owner`, stale */
  async execute({ actor, input }: ChangeRoles): Promise<void> {
    const roles = rolesFrom(input.roles);
    await this.unitOfWork.run(actor, async (unit) => {
      const member = await loadMember(unit.em, actor.organizationId, input.userId);
      member.expectVersion(input.expectedVersion);
      expectAnother(actor, member);
      expectGrantable(actor, [...member.roles, ...roles]);
      if (!roles.includes('owner')) await expectAnotherOwner(unit.em, member);
      unit.record('user', member, ...member.changeRoles(roles));
      await raiseAccess(unit.em, actor.organizationId);
    });
  }
}
