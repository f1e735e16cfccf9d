import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { JsonObject } from '../../kernel/json.js';
import { AGE_RESOLUTION_MS } from '../../platform/cache/age-resolution.js';
import { ChangeFollower } from '../../platform/cache/change-follower.js';
import { CONFIGURATION } from '../../platform/config/config.module.js';
import type { Configuration } from '../../platform/config/configuration.js';
import { Sql } from '../../platform/database/sql.js';
import { ruleSetScope } from '../business-rules/rule-set-scope.js';
import type { AuthoredRule } from '../business-rules/rule.js';
import type { RuleFunctions } from '../engine/expression.js';
import type { RuleDefinition } from '../engine/rule.js';
import { type CompiledRule, compileRuleSet, type CompiledRuleSet } from '../engine/rule-set.js';
import type { EntryPoint } from '../entry-points/entry-point.js';
import { functionsAt } from '../functions/function-definitions.js';
import { reusable, sameFunctions } from '../functions/function-sets.js';
import { ActionTypes } from './action-types.js';

const MAX_SETS = 2_000;
/** Rules that are kept in memory for sets of former revisions. */
const MAX_FORMER_RULES = 100_000;

/** The live rules of one entry point at one revision. */
export interface RuleSet {
  readonly revision: number;
  /** Compiled to fail open: the policy of a decision belongs to whoever decides. */
  readonly compiled: CompiledRuleSet;
  /** By rule id: what the next revision is built from. */
  readonly definitions: ReadonlyMap<string, RuleDefinition>;
  /** What the rules are indexed by: contexts that fit it may be decided by this set, and by one without it all. */
  readonly schema: JsonObject | undefined;
}

interface WantedSet {
  readonly organizationId: string;
  readonly entryPoint: string;
  /** The newest when absent. */
  readonly revision?: number;
  readonly schema: JsonObject | undefined;
}

interface Loading {
  readonly schema: JsonObject | undefined;
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
  private readonly former: LRUCache<string, RuleSet>;
  private readonly loading = new Map<string, Loading>();

  constructor(
    private readonly sql: Sql,
    private readonly follower: ChangeFollower,
    private readonly actionTypes: ActionTypes,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    const ttl = configuration.RULES_CACHE_TIMEOUT * 1000;
    this.sets = new LRUCache({ max: MAX_SETS, ttl, ttlResolution: AGE_RESOLUTION_MS, updateAgeOnGet: true });
    this.former = new LRUCache({
      maxSize: MAX_FORMER_RULES,
      sizeCalculation: ({ definitions }) => 1 + definitions.size,
      ttl,
      ttlResolution: AGE_RESOLUTION_MS,
    });
  }

  /** The set in force; from memory unless a newer revision was seen, or the entry point has another schema. */
  get(organizationId: string, { name: entryPoint, schema }: EntryPoint): RuleSet | Promise<RuleSet> {
    const key = `${organizationId} ${entryPoint}`;
    const known = this.sets.get(key);
    const revision = this.follower.revision(organizationId, ruleSetScope(entryPoint));
    if (known && known.schema === schema && known.revision >= revision) return known;
    return this.once(key, schema, async () => {
      const set = await this.load({ organizationId, entryPoint, schema }, known);
      this.sets.set(key, set);
      return set;
    });
  }

  /**
   * The set as it was at a revision, whether or not the entry point is still there. `schema` may only be given when it
   * is sure that the contexts to be decided fit it, which those of former days need not do.
   */
  async at(organizationId: string, entryPoint: string, revision: number, schema?: JsonObject): Promise<RuleSet> {
    const key = `${organizationId} ${entryPoint} ${revision}`;
    const known = this.former.get(key);
    if (known && known.schema === schema) return known;
    return this.once(key, schema, async () => {
      const set = await this.load({ organizationId, entryPoint, revision, schema }, undefined);
      this.former.set(key, set);
      return set;
    });
  }

  /** Callers that come while a set is loaded wait for the same one. */
  private once(key: string, schema: JsonObject | undefined, load: () => Promise<RuleSet>): Promise<RuleSet> {
    const running = this.loading.get(key);
    if (running?.schema === schema && running) return running.set;
    const loading: Loading = {
      schema,
      set: load().finally(() => this.loading.get(key) === loading && this.loading.delete(key)),
    };
    this.loading.set(key, loading);
    return loading.set;
  }

  /** Reads what changed since `known`, and takes over what was compiled for it. */
  private async load(
    { organizationId, entryPoint, revision: wanted, schema }: WantedSet,
    known: RuleSet | undefined,
  ): Promise<RuleSet> {
    const rows = await this.sql.read<MemberRow>(organizationId, SELECT_CHANGES, [
      organizationId,
      ruleSetScope(entryPoint),
      entryPoint,
      known?.revision ?? -1,
      wanted ?? null,
    ]);
    const definitions = applyChanges(known?.definitions, rows);
    const revision = Number(rows[0]!.revision);
    const found = await functionsAt(this.sql, organizationId, entryPoint, revision);
    const functions = sameFunctions(known?.compiled.functions, found);
    const options = { actionTypes: this.actionTypes.registry, failurePolicy: 'fail_open' as const, functions, schema };
    const compiled = compileRuleSet([...definitions.values()], options, takenOver(known, schema, functions));
    return { revision, compiled, definitions, schema };
  }
}

/** Rules are indexed by the schema, so those that were compiled under another one begin anew. */
function takenOver(
  known: RuleSet | undefined,
  schema: JsonObject | undefined,
  functions: RuleFunctions,
): ReadonlyMap<string, CompiledRule> | undefined {
  const isSameSchema = known !== undefined && isDeepStrictEqual(known.schema, schema);
  return isSameSchema ? reusable(known.compiled, functions) : undefined;
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

// As of the wanted revision: members opened since the known one and open, and members closed since; one row at least
// carries the revision.
const SELECT_CHANGES = `
  with wanted as (
    select coalesce($5::bigint, (select revision from cache_heads where organization_id = $1 and scope = $2), 0) as revision
  )
  select wanted.revision, changed.*
  from wanted left join lateral (
    select member.rule_id, member.version, member.is_open, rule_versions.definition, rules.created_at
    from (
      select *, to_revision is null or to_revision > wanted.revision as is_open from rule_set_members
      where organization_id = $1 and entry_point = $3 and slot = 'live' and from_revision <= wanted.revision
    ) as member
    join rule_versions using (organization_id, rule_id, version)
    join rules on rules.organization_id = member.organization_id and rules.id = member.rule_id
    where case when is_open then from_revision > $4 else to_revision > $4 and from_revision <= $4 end
  ) as changed on true`;
