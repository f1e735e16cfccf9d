import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { USER_COLUMNS, type UserRow, USERS } from './list-users.js';

/** One member of the organization. */
export class GetUser extends Query<UserRow> {
  constructor(
    readonly actor: Actor,
    readonly userId: string,
  ) {
    super();
  }
}

@QueryHandler(GetUser)
export class GetUserHandler implements IQueryHandler<GetUser> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, userId }: GetUser): Promise<UserRow> {
    const statement = `select ${USER_COLUMNS} from ${USERS} where member.user_id = $1`;
    const [user] = await this.sql.read<UserRow>(actor.organizationId, statement, [userId]);
    if (!user) throw notFound('User', userId);
    return user;
  }
}
