import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Page, PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { Role } from '../../access/permissions.js';
import { listNewestFirst } from '../../../platform/database/list-newest-first.js';
import type { MemberStatus } from '../member.js';

/** A member as others see them. */
export interface UserRow extends Record<string, unknown> {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly status: MemberStatus;
  readonly createdAt: Date;
  readonly joinedAt: Date | null;
  readonly version: number;
}

export const USER_COLUMNS = `member.user_id as id, users.email, member.name, member.roles, member.status,
  member.created_at as "createdAt", member.joined_at as "joinedAt", member.version`;

export const USERS = 'memberships member join users on users.id = member.user_id';

export interface UserFilter extends PageRequest {
  readonly status?: MemberStatus;
  readonly role?: Role;
}

/** The members of the organization, newest first. */
export class ListUsers extends Query<Page<UserRow>> {
  constructor(
    readonly actor: Actor,
    readonly filter: UserFilter,
  ) {
    super();
  }
}

@QueryHandler(ListUsers)
export class ListUsersHandler implements IQueryHandler<ListUsers> {
  constructor(private readonly sql: Sql) {}

  execute({ actor, filter }: ListUsers): Promise<Page<UserRow>> {
    const { status = null, role = null } = filter;
    return listNewestFirst<UserRow>(
      this.sql,
      actor.organizationId,
      {
        select: USER_COLUMNS,
        from: USERS,
        where: '($1::text is null or member.status = $1) and ($2::text is null or $2 = any(member.roles))',
        order: ['member.created_at', 'member.user_id'],
        values: [status, role],
      },
      filter,
    );
  }
}
