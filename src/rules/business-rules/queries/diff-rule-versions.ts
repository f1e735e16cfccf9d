import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Operation } from 'rfc6902';
import { invalid, notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { patchBetween } from '../definition-patch.js';
import type { AuthoredRule } from '../rule.js';

/** What makes one definition of a rule of another. */
export interface RuleDiff {
  /** Version to go out from. */
  readonly from: number;
  /** Version to arrive at. */
  readonly to: number;
  /** JSON Patch (RFC 6902); empty when both say the same. */
  readonly patch: readonly Operation[];
}

export class DiffRuleVersions extends Query<RuleDiff> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
    /** By default from the live version, or else from the one before the newest, to the newest. */
    readonly range: { readonly from?: number; readonly to?: number },
  ) {
    super();
  }
}

interface VersionsRow extends Record<string, unknown> {
  from_version: number;
  to_version: number;
  from_definition: AuthoredRule | null;
  to_definition: AuthoredRule | null;
}

@QueryHandler(DiffRuleVersions)
export class DiffRuleVersionsHandler implements IQueryHandler<DiffRuleVersions> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found, invalid `unknown-version` */
  async execute({ actor, id, range }: DiffRuleVersions): Promise<RuleDiff> {
    const values = [actor.organizationId, id, range.from ?? null, range.to ?? null];
    const [row] = await this.sql.read<VersionsRow>(actor.organizationId, SELECT, values);
    if (!row) throw notFound('Rule', id);
    const { from_version: from, to_version: to, from_definition, to_definition } = row;
    if (!from_definition) throw unknownVersion('from', from);
    if (!to_definition) throw unknownVersion('to', to);
    return { from, to, patch: patchBetween(from_definition, to_definition) };
  }
}

const unknownVersion = (parameter: 'from' | 'to', version: number) =>
  invalid('unknown-version', `The rule has no version ${version}.`, { parameter });

const SELECT = `
  with chosen as (
    select coalesce($3::integer, live_version, greatest(definition_version - 1, 1)) as from_version,
      coalesce($4::integer, definition_version) as to_version
    from rules where organization_id = $1 and id = $2 and archived_at is null
  )
  select from_version, to_version,
    (select definition from rule_versions where organization_id = $1 and rule_id = $2 and version = from_version)
      as from_definition,
    (select definition from rule_versions where organization_id = $1 and rule_id = $2 and version = to_version)
      as to_definition
  from chosen`;
