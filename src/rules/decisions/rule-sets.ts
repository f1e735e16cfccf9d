import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { JsonObject } from '../../kernel/json.js';
import { ChangeFollower } from '../../platform/cache/change-follower.js';
import { CONFIGURATION } from '../../platform/config/config.module.js';
import type { Configuration } from '../../platform/config/configuration.js';
import { Sql } from '../../platform/database/sql.js';
import { ruleSetScope } from '../business-rules/rule-set-scope.js';
import type { AuthoredRule } from '../business-rules/rule.js';
import type { RuleDefinition } from '../engine/rule.js';
import { compileRuleSet, type CompiledRuleSet } from '../engine/rule-set.js';
import type { EntryPoint } from '../entry-points/entry-point.js';
import { functionsAt } from '../functions/function-definitions.js';
import { reusable, sameFunctions } from '../functions/function-sets.js';
import { ActionTypes } from './action-types.js';

const MAX_SETS = 2_000;

/** The live rules of one entry point at one revision. */
export interface RuleSet {
  readonly revision: number;
  readonly compiled: CompiledRuleSet;
  /** By rule id: what the next revision is built from. */
  readonly definitions: ReadonlyMap<string, RuleDefinition>;
  /** The entry point's schema; contexts that it let pass may be decided by this set and by no other. */
  readonly schema: JsonObject;
}

interface Loading {
  readonly schema: JsonObject;
  readonly set: Promise<RuleSet>;
}

interface MemberRow extends Record<string, unknown> {
  revision: string;
  rule_id: string | null;
  version: number;
  is_open: boolean;
  definition: AuthoredRule;
  created_at: Date;
}

/** Keeps compiled rule sets in memory, each under its revision; a new revision compiles only the rules that changed. */
@Injectable()
export class RuleSets {
  private readonly sets: LRUCache<string, RuleSet>;
  private readonly loading = new Map<string, Loading>();

  constructor(
    private readonly sql: Sql,
    private readonly follower: ChangeFollower,
    private readonly actionTypes: ActionTypes,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.sets = new LRUCache({
      max: MAX_SETS,
      ttl: configuration.RULES_CACHE_TIMEOUT * 1000,
      // To the millisecond, a cache in use would set a timer for each.
      ttlResolution: 1_000,
      updateAgeOnGet: true,
    });
  }

  /** The set in force; from memory unless a newer revision was seen, or the entry point has another schema. */
  get(organizationId: string, entryPoint: EntryPoint): RuleSet | Promise<RuleSet> {
    const key = `${organizationId} ${entryPoint.name}`;
    const { schema } = entryPoint;
    const known = this.sets.get(key);
    const revision = this.follower.revision(organizationId, ruleSetScope(entryPoint.name));
    if (known && known.schema === schema && known.revision >= revision) return known;
    const running = this.loading.get(key);
    if (running?.schema === schema) return running.set;
    const loading = { schema, set: this.load(organizationId, entryPoint, known) };
    this.loading.set(key, loading);
    return loading.set.finally(() => this.loading.get(key) === loading && this.loading.delete(key));
  }

  private async load(organizationId: string, entryPoint: EntryPoint, known: RuleSet | undefined): Promise<RuleSet> {
    const rows = await this.sql.read<MemberRow>(organizationId, SELECT_CHANGES, [
      organizationId,
      ruleSetScope(entryPoint.name),
      entryPoint.name,
      known?.revision ?? -1,
    ]);
    const definitions = applyChanges(known?.definitions, rows);
    const { failurePolicy, schema } = entryPoint;
    const revision = Number(rows[0]!.revision);
    const found = await functionsAt(this.sql, organizationId, entryPoint.name, revision);
    const functions = sameFunctions(known?.compiled.functions, found);
    const options = { actionTypes: this.actionTypes.registry, failurePolicy, functions, schema };
    // Rules are indexed by the schema, so those that were compiled under another one begin anew.
    const isSameSchema = known !== undefined && isDeepStrictEqual(known.schema, schema);
    const compiled = isSameSchema ? reusable(known.compiled, functions) : undefined;
    const set = {
      revision,
      compiled: compileRuleSet([...definitions.values()], options, compiled),
      definitions,
      schema,
    };
    this.sets.set(`${organizationId} ${entryPoint.name}`, set);
    return set;
  }
}

function applyChanges(known: RuleSet['definitions'] | undefined, rows: readonly MemberRow[]): RuleSet['definitions'] {
  const definitions = new Map(known);
  const changed = rows.filter((row) => row.rule_id !== null);
  for (const row of changed) if (!row.is_open) definitions.delete(row.rule_id!);
  for (const row of changed) if (row.is_open) definitions.set(row.rule_id!, definitionOf(row));
  return definitions;
}

const definitionOf = (row: MemberRow): RuleDefinition => ({
  ...row.definition,
  id: row.rule_id!,
  version: row.version,
  createdAt: row.created_at.toISOString(),
});

// Members opened since the known revision and still open, and members closed since; one row at least carries the revision.
const SELECT_CHANGES = `
  with head as (
    select coalesce((select revision from cache_heads where organization_id = $1 and scope = $2), 0) as revision
  )
  select head.revision, changed.*
  from head left join (
    select member.rule_id, member.version, member.to_revision is null as is_open, rule_versions.definition, rules.created_at
    from rule_set_members as member
    join rule_versions using (organization_id, rule_id, version)
    join rules on rules.organization_id = member.organization_id and rules.id = member.rule_id
    where member.organization_id = $1 and member.entry_point = $3 and member.slot = 'live'
      and case when member.to_revision is null then member.from_revision > $4
               else member.to_revision > $4 and member.from_revision <= $4 end
  ) as changed on true`;
