import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { conflict } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { CustomEntryPointSettings } from '../../entry-points/custom-entry-point.js';
import { EntryPoints } from '../../entry-points/entry-points.js';
import type { AuthoredFunction } from '../../functions/custom-function.js';
import type { AuthoredRule } from '../rule.js';
import { BUNDLE_FORMAT, BUNDLE_FORMAT_VERSION, MOST_BUNDLED_RULES } from './bundle.dto.js';
import { settingsOf } from './import-checks.js';

/** A rule as it travels. */
export interface BundledRule extends AuthoredRule {
  readonly key: string;
  readonly entryPoint: string;
  /** Whether this definition is in force. */
  readonly live: boolean;
}

/** A function as it travels. */
export interface BundledFunction extends AuthoredFunction {
  readonly name: string;
}

/** Rules with the functions that they call and the entry points of the organization's own that they need. */
export interface RuleBundle {
  readonly format: typeof BUNDLE_FORMAT;
  readonly formatVersion: number;
  readonly entryPoints: readonly (CustomEntryPointSettings & { readonly name: string })[];
  readonly functions: readonly BundledFunction[];
  readonly rules: readonly BundledRule[];
}

/** The newest definitions of rules as one bundle, in an order that does not change while they do not. */
export class ExportRules extends Query<RuleBundle> {
  constructor(
    readonly actor: Actor,
    /** Which rules; what is absent does not restrict. */
    readonly filter: { readonly entryPoint?: string; readonly tag?: string },
  ) {
    super();
  }
}

interface BundledRow extends Record<string, unknown> {
  key: string;
  entry_point: string;
  live: boolean;
  definition: AuthoredRule;
}

interface CalledRow extends Record<string, unknown> {
  name: string;
  definition: AuthoredFunction;
}

@QueryHandler(ExportRules)
export class ExportRulesHandler implements IQueryHandler<ExportRules> {
  constructor(
    private readonly sql: Sql,
    private readonly entryPoints: EntryPoints,
  ) {}

  /** @throws conflict `too-many-rules` */
  async execute({ actor, filter }: ExportRules): Promise<RuleBundle> {
    const { organizationId } = actor;
    const values = [filter.entryPoint ?? null, filter.tag ?? null];
    const rows = await this.sql.read<BundledRow>(organizationId, SELECT, [...values, MOST_BUNDLED_RULES + 1]);
    if (rows.length > MOST_BUNDLED_RULES) {
      throw conflict(
        'too-many-rules',
        `A bundle holds at most ${MOST_BUNDLED_RULES} rules; name an entry point or a tag.`,
      );
    }
    const rules = rows.map(({ key, entry_point: entryPoint, live, definition }) => ({
      key,
      entryPoint,
      live,
      ...definition,
    }));
    const entryPoints = await this.ownEntryPoints(organizationId, filter, rules);
    const called = await this.sql.read<CalledRow>(organizationId, SELECT_CALLED, values);
    const functions = called.map(({ name, definition }) => ({ name, ...definition }));
    return { format: BUNDLE_FORMAT, formatVersion: BUNDLE_FORMAT_VERSION, entryPoints, functions, rules };
  }

  /** Those that the rules belong to; without a tag also those that have no rules yet. */
  private async ownEntryPoints(
    organizationId: string,
    { entryPoint, tag }: ExportRules['filter'],
    rules: readonly BundledRule[],
  ): Promise<RuleBundle['entryPoints']> {
    const used = new Set(rules.map((rule) => rule.entryPoint));
    return (await this.entryPoints.all(organizationId))
      .filter(({ name }) => !this.entryPoints.isRegistered(name))
      .filter(({ name }) => used.has(name) || (tag === undefined && (entryPoint ?? name) === name))
      .map((point) => ({ name: point.name, ...settingsOf(point) }));
  }
}

const EXPORTED = `
  rules.archived_at is null and ($1::text is null or rules.entry_point = $1)
    and ($2::text is null or rules.definition -> 'tags' ? $2)`;

// By entry point, in the order of decision: rules that are made in this order elsewhere are decided in it there.
const SELECT = `
  select key, entry_point, coalesce(live_version = definition_version, false) as live, definition
  from rules where ${EXPORTED}
  order by entry_point collate "C", priority desc, created_at, id limit $3`;

// A function that a rule's newest definition calls is live and cannot be removed.
const SELECT_CALLED = `
  select name, live.definition
  from rule_functions
  join rule_function_versions as live on live.organization_id = rule_functions.organization_id
    and live.function_id = rule_functions.id and live.version = rule_functions.live_version
  where rule_functions.id in (
    select call.function_id from rule_function_calls as call
    join rules on rules.organization_id = call.organization_id and rules.id = call.rule_id
      and rules.definition_version = call.version
    where ${EXPORTED})
  order by name collate "C"`;
