import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { API_KEY_COLUMNS, type ApiKeyRow } from './list-api-keys.js';

/** One API key of the organization. */
export class GetApiKey extends Query<ApiKeyRow> {
  constructor(
    readonly actor: Actor,
    readonly apiKeyId: string,
  ) {
    super();
  }
}

@QueryHandler(GetApiKey)
export class GetApiKeyHandler implements IQueryHandler<GetApiKey> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, apiKeyId }: GetApiKey): Promise<ApiKeyRow> {
    const statement = `select ${API_KEY_COLUMNS} from api_keys where id = $1`;
    const [apiKey] = await this.sql.read<ApiKeyRow>(actor.organizationId, statement, [apiKeyId]);
    if (!apiKey) throw notFound('API key', apiKeyId);
    return apiKey;
  }
}
