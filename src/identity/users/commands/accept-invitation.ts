import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { conflict, DomainError, invalid } from '../../../kernel/domain-error.js';
import { PLATFORM_ORGANIZATION } from '../../../kernel/id.js';
import { Sql } from '../../../platform/database/sql.js';
import { hasHash, parseToken } from '../../access/opaque-token.js';
import { personActor, type Trail } from '../../access/system-actor.js';
import { hashPassword, isPassword } from '../../sessions/passwords.js';
import { LockOut } from '../../sessions/lock-out.js';
import { Invitation } from '../invitation.js';
import { loadMember, setFirstPassword } from '../people.js';

export interface AcceptInvitationInput {
  readonly token: string;
  /** The first password of a new person, or the present one of somebody who has an account. */
  readonly password: string;
}

/** Makes an invited person a member. Who has an account already proves it, so an invitation never takes one over. */
export class AcceptInvitation extends Command<Accepted> {
  constructor(
    readonly trail: Trail,
    readonly input: AcceptInvitationInput,
  ) {
    super();
  }
}

/** Who is a member now, and of what. */
export interface Accepted {
  readonly organizationId: string;
  readonly userId: string;
}

interface Found extends Record<string, unknown> {
  readonly id: string;
  readonly user_id: string;
  readonly secret_hash: Buffer;
  readonly folded_email: string;
  readonly password_hash: string | null;
}

@CommandHandler(AcceptInvitation)
export class AcceptInvitationHandler implements ICommandHandler<AcceptInvitation> {
  constructor(
    private readonly sql: Sql,
    private readonly lockOut: LockOut,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws invalid `invalid-invitation`, unauthenticated `wrong-password`, too-many-requests `locked` */
  async execute({ trail, input }: AcceptInvitation): Promise<Accepted> {
    const { organizationId, found } = await this.find(input.token);
    const { id, user_id: userId } = found;
    const firstHash = await this.prove(found, input.password);
    await this.unitOfWork.run(personActor(organizationId, userId, trail), async (unit) => {
      if ((await unit.em.nativeDelete(Invitation, { id })) === 0) throw invalidInvitation();
      if (firstHash && !(await setFirstPassword(unit.em, userId, firstHash))) {
        throw conflict('password-set-meanwhile', 'A password was set meanwhile; send that one.');
      }
      const member = await loadMember(unit.em, organizationId, userId);
      unit.record('user', member, ...member.accept(new Date()));
    });
    return { organizationId, userId };
  }

  private async find(text: string): Promise<{ organizationId: string; found: Found }> {
    const token = parseToken('pri', text);
    if (!token) throw invalidInvitation();
    const statement = 'select authentication.find_invitation($1) as id';
    const [place] = await this.sql.read<{ id: string | null }>(PLATFORM_ORGANIZATION, statement, [token.id]);
    if (!place?.id) throw invalidInvitation();
    const [found] = await this.sql.read<Found>(place.id, FIND, [token.id]);
    if (!found || !hasHash(token.secrets[0]!, found.secret_hash)) throw invalidInvitation();
    return { organizationId: place.id, found };
  }

  /** @returns the hash to be set for a person who has no password yet */
  private async prove(
    { folded_email: email, password_hash: hash }: Found,
    password: string,
  ): Promise<string | undefined> {
    if (hash === null) return hashPassword(password);
    await this.lockOut.count(email);
    if (!(await isPassword(password, hash))) {
      const message = 'You have an account with another password; send that one.';
      throw new DomainError('unauthenticated', 'wrong-password', message);
    }
    await this.lockOut.forget(email);
    return undefined;
  }
}

const FIND = `select invitation.id, invitation.user_id, invitation.secret_hash, users.folded_email, users.password_hash
  from invitations invitation join users on users.id = invitation.user_id
  where invitation.id = $1 and invitation.expires_at > now()`;

const invalidInvitation = (): DomainError =>
  invalid('invalid-invitation', 'This invitation is not known, was used, or has expired; ask for another.', {
    violations: [{ pointer: '#/token', message: 'must be an invitation that is still open' }],
  });
