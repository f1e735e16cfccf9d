import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';

export interface OrganizationRow extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly createdAt: Date;
  readonly version: number;
}

/** The actor's organization. */
export class GetOrganization extends Query<OrganizationRow> {
  constructor(readonly actor: Actor) {
    super();
  }
}

@QueryHandler(GetOrganization)
export class GetOrganizationHandler implements IQueryHandler<GetOrganization> {
  constructor(private readonly sql: Sql) {}

  async execute({ actor: { organizationId } }: GetOrganization): Promise<OrganizationRow> {
    const statement = 'select id, name, slug, created_at as "createdAt", version from organizations where id = $1';
    const [organization] = await this.sql.read<OrganizationRow>(organizationId, statement, [organizationId]);
    if (!organization) throw notFound('Organization', organizationId);
    return organization;
  }
}
