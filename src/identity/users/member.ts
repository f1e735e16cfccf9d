import { conflict, stale } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import { mutable } from '../../platform/database/mapping.js';
import type { Role } from '../access/permissions.js';
import { identityEvent } from '../identity.events.js';

/** invited: has not taken the invitation yet; deactivated: may not sign in. */
export const memberStatuses = ['invited', 'active', 'deactivated'] as const;

export type MemberStatus = (typeof memberStatuses)[number];

/** What may be done in which status; what is not here is refused. */
const allowed: Readonly<Record<MemberStatus, readonly string[]>> = {
  invited: ['be invited', 'accept', 'be deactivated', 'change roles'],
  active: ['be deactivated', 'change roles'],
  deactivated: ['be reactivated', 'change roles'],
};

interface NewMember {
  readonly organizationId: string;
  readonly userId: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

/** A person in one organization: what they are called here and what they may do. */
export class Member {
  readonly organizationId!: string;
  /** Id of the person, the same in every organization. */
  readonly id!: string;
  readonly name!: string;
  readonly roles!: readonly Role[];
  readonly status!: MemberStatus;
  readonly createdAt!: Date;
  /** When the invitation was taken. */
  readonly joinedAt!: Date | null;
  readonly version!: number;

  private constructor() {}

  static invite(input: NewMember, now: Date): [Member, DomainEvent] {
    const member = Member.of(input, { status: 'invited', createdAt: now, joinedAt: null });
    return [member, identityEvent('user-invited', { roles: member.roles })];
  }

  /** Without an invitation, for seeds. */
  static add(input: NewMember, now: Date): [Member, DomainEvent] {
    const member = Member.of(input, { status: 'active', createdAt: now, joinedAt: now });
    return [member, identityEvent('user-added', { roles: member.roles })];
  }

  private static of(
    { userId, roles, ...input }: NewMember,
    state: Pick<Member, 'status' | 'createdAt' | 'joinedAt'>,
  ): Member {
    return Object.assign(new Member(), { ...input, ...state, id: userId, roles: [...new Set(roles)] });
  }

  inviteAgain(name: string, roles: readonly Role[]): DomainEvent[] {
    this.expect('be invited');
    Object.assign(mutable<Member>(this), { name, roles: [...new Set(roles)] });
    return [identityEvent('user-invited', { roles: this.roles })];
  }

  accept(now: Date): DomainEvent[] {
    this.expect('accept');
    Object.assign(mutable<Member>(this), { status: 'active', joinedAt: now });
    return [identityEvent('invitation-accepted')];
  }

  changeRoles(roles: readonly Role[]): DomainEvent[] {
    this.expect('change roles');
    const after = [...new Set(roles)];
    const before = this.roles;
    if (after.length === before.length && after.every((role) => before.includes(role))) return [];
    mutable<Member>(this).roles = after;
    return [identityEvent('user-roles-changed', { before, after })];
  }

  deactivate(): DomainEvent[] {
    this.expect('be deactivated');
    mutable<Member>(this).status = 'deactivated';
    return [identityEvent('user-deactivated')];
  }

  /** Who never took the invitation is invited again, because there is nothing to sign in with. */
  reactivate(): DomainEvent[] {
    this.expect('be reactivated');
    mutable<Member>(this).status = this.joinedAt ? 'active' : 'invited';
    return [identityEvent('user-reactivated')];
  }

  /** @throws stale when the caller saw another version */
  expectVersion(version: number | undefined): void {
    if (version !== undefined && version !== this.version) {
      throw stale(`The user is at version ${this.version}, not ${version}; read it again.`);
    }
  }

  private expect(action: string): void {
    if (allowed[this.status].includes(action)) return;
    throw conflict('not-possible-now', `A user who is ${this.status} cannot ${action}.`, {
      memberStatus: this.status,
      allowed: allowed[this.status],
    });
  }
}
