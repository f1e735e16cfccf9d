import { LockMode } from '@mikro-orm/core';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { conflict, DomainError, invalid } from '../../../kernel/domain-error.js';
import { PLATFORM_ORGANIZATION } from '../../../kernel/id.js';
import { Sql } from '../../../platform/database/sql.js';
import type { AccessClaims } from '../../access/access-tokens.js';
import { Refusals } from '../../access/refusals.js';
import { personActor, systemActor, type Trail } from '../../access/system-actor.js';
import { foldEmail } from '../../users/email.js';
import { Member } from '../../users/member.js';
import { LockOut } from '../lock-out.js';
import { isPassword } from '../passwords.js';
import { Session } from '../session.js';

export interface SignInInput {
  readonly email: string;
  readonly password: string;
  /** Id or slug; needed by people who belong to several. */
  readonly organization?: string;
  readonly address: string;
  readonly userAgent: string | undefined;
}

/** A session and the refresh token that was made for it, which can be had only here. */
export interface SignedIn extends AccessClaims {
  readonly refreshToken: string;
}

/** Begins a session with e-mail and password. */
export class SignIn extends Command<SignedIn> {
  constructor(
    readonly trail: Trail,
    readonly input: SignInInput,
  ) {
    super();
  }
}

interface Person extends Record<string, unknown> {
  readonly user_id: string;
  readonly password_hash: string | null;
  readonly organization_ids: readonly string[];
}

interface Choice extends Record<string, unknown> {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
}

const LONGEST_USER_AGENT = 200;

@CommandHandler(SignIn)
export class SignInHandler implements ICommandHandler<SignIn> {
  constructor(
    private readonly sql: Sql,
    private readonly lockOut: LockOut,
    private readonly refusals: Refusals,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * @throws unauthenticated `wrong-credentials`, the same for a wrong password and an unknown e-mail; too-many-requests
   * `locked`; once the password is proved, conflict `organization-needed` and invalid `unknown-organization`
   */
  async execute({ trail, input }: SignIn): Promise<SignedIn> {
    const email = foldEmail(input.email);
    await this.lockOut.count(email);
    const person = await this.find(email);
    if (!(await isPassword(input.password, person?.password_hash)) || !person) throw this.refuse(trail, input, person);
    await this.lockOut.forget(email);
    const organizationId = await this.choose(person.organization_ids, input.organization);
    return this.begin(trail, { organizationId, userId: person.user_id, userAgent: shortened(input.userAgent) });
  }

  private async find(email: string): Promise<Person | undefined> {
    const statement = 'select * from authentication.find_person($1)';
    const [person] = await this.sql.read<Person>(PLATFORM_ORGANIZATION, statement, [email]);
    return person;
  }

  private refuse(trail: Trail, { address }: SignInInput, person: Person | undefined): DomainError {
    const organizationId = person?.organization_ids[0] ?? PLATFORM_ORGANIZATION;
    const actor = systemActor(organizationId, {
      ...trail,
      ...(person && { subject: { type: 'user', id: person.user_id } }),
    });
    const reason = person ? 'wrong-password' : 'unknown-email';
    const who = person?.user_id ?? address;
    this.refusals.count({ type: 'sign-in-failed', actor, who, address, route: 'POST /api/v1/auth/login', reason });
    return wrongCredentials();
  }

  private async choose(organizationIds: readonly string[], wanted: string | undefined): Promise<string> {
    const [first, ...others] = organizationIds;
    if (wanted === undefined && first !== undefined && others.length === 0) return first;
    const statement = 'select id, slug, name from organizations where id = $1';
    const found = await Promise.all(organizationIds.map((id) => this.sql.read<Choice>(id, statement, [id])));
    const organizations = found.flat();
    const chosen = organizations.find(({ id, slug }) => id === wanted || slug === wanted);
    if (chosen) return chosen.id;
    throw wanted === undefined
      ? conflict('organization-needed', 'You belong to several organizations; send one as organization.', {
          organizations,
        })
      : invalid('unknown-organization', 'You do not belong to this organization; send one of yours.', {
          organizations,
        });
  }

  private begin(
    trail: Trail,
    input: { organizationId: string; userId: string; userAgent: string | null },
  ): Promise<SignedIn> {
    const { organizationId, userId } = input;
    return this.unitOfWork.run(personActor(organizationId, userId, trail), async (unit) => {
      // Held until the session is there, so that a deactivation either sees the session or is seen here.
      const membership = { organizationId, id: userId, status: 'active' as const };
      const member = await unit.em.findOne(Member, membership, { lockMode: LockMode.PESSIMISTIC_READ });
      if (!member) throw wrongCredentials();
      const now = new Date();
      await unit.em.nativeDelete(Session, { userId, expiresAt: { $lt: now } });
      const { session, refreshToken, event } = Session.begin(input, now);
      unit.em.persist(session);
      unit.record('session', session, event);
      return { organizationId, userId, sessionId: session.id, refreshToken };
    });
  }
}

const wrongCredentials = (): DomainError =>
  new DomainError('unauthenticated', 'wrong-credentials', 'The e-mail or the password is wrong.');

const shortened = (userAgent: string | undefined): string | null =>
  userAgent?.slice(0, LONGEST_USER_AGENT).toWellFormed() ?? null;
