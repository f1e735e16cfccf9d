import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Page, PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { listNewestFirst } from '../../../platform/database/list-newest-first.js';

export interface SessionRow extends Record<string, unknown> {
  readonly id: string;
  readonly userAgent: string | null;
  readonly createdAt: Date;
  readonly refreshedAt: Date;
  readonly expiresAt: Date;
  /** Whether the request itself belongs to it. */
  readonly isCurrent: boolean;
}

/** The actor's own sessions that have not ended, newest first. */
export class ListSessions extends Query<Page<SessionRow>> {
  constructor(
    readonly actor: Actor,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListSessions)
export class ListSessionsHandler implements IQueryHandler<ListSessions> {
  constructor(private readonly sql: Sql) {}

  execute({ actor, page }: ListSessions): Promise<Page<SessionRow>> {
    return listNewestFirst<SessionRow>(
      this.sql,
      actor.organizationId,
      {
        select: `id, user_agent as "userAgent", created_at as "createdAt", refreshed_at as "refreshedAt",
          expires_at as "expiresAt", coalesce(id = $2::uuid, false) as "isCurrent"`,
        from: 'sessions',
        // The second parameter is used above alone, and the count has to know its type too.
        where: 'user_id = $1 and revoked_at is null and expires_at > now() and ($2::uuid is null or true)',
        order: ['created_at', 'id'],
        values: [actor.id, actor.sessionId ?? null],
      },
      page,
    );
  }
}
