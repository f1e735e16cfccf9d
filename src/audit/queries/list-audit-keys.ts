import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Sql } from '../../platform/database/sql.js';
import type { Actor } from '../../platform/http/actor.js';

/** A public key that signed seals. */
export interface AuditKey {
  readonly keyId: string;
  /** PEM (SPKI). */
  readonly publicKey: string;
  readonly firstUsedAt: string;
}

export class ListAuditKeys extends Query<readonly AuditKey[]> {
  constructor(readonly actor: Actor) {
    super();
  }
}

@QueryHandler(ListAuditKeys)
export class ListAuditKeysHandler implements IQueryHandler<ListAuditKeys> {
  constructor(private readonly sql: Sql) {}

  async execute({ actor }: ListAuditKeys): Promise<readonly AuditKey[]> {
    return this.sql.read<AuditKey & Record<string, unknown>>(
      actor.organizationId,
      `select key_id as "keyId", public_key as "publicKey",
         to_char(first_used_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "firstUsedAt"
       from audit_keys order by first_used_at, key_id`,
    );
  }
}
