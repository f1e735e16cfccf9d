import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Page, PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { listNewestFirst } from '../../../platform/database/list-newest-first.js';

/** An API key without its secret. */
export interface ApiKeyRow extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  /** The part of the token that is no secret. */
  readonly prefix: string;
  readonly permissions: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** To 10 minutes. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly version: number;
}

export const API_KEY_COLUMNS = `id, name, 'prv_' || replace(id::text, '-', '') as prefix, permissions,
  created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt", version`;

/** The organization's API keys, newest first. */
export class ListApiKeys extends Query<Page<ApiKeyRow>> {
  constructor(
    readonly actor: Actor,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListApiKeys)
export class ListApiKeysHandler implements IQueryHandler<ListApiKeys> {
  constructor(private readonly sql: Sql) {}

  execute({ actor, page }: ListApiKeys): Promise<Page<ApiKeyRow>> {
    const listing = {
      select: API_KEY_COLUMNS,
      from: 'api_keys',
      where: 'true',
      order: ['created_at', 'id'] as const,
      values: [],
    };
    return listNewestFirst<ApiKeyRow>(this.sql, actor.organizationId, listing, page);
  }
}
