import type { Sql } from '../../platform/database/sql.js';
import type { FunctionDefinition } from '../engine/function-definition.js';
import type { AuthoredFunction } from './custom-function.js';

interface DefinitionRow extends Record<string, unknown> {
  name: string;
  version: number;
  definition: AuthoredFunction;
}

/** The functions of an entry point's set at a revision, by name. */
export async function functionsAt(
  sql: Sql,
  organizationId: string,
  entryPoint: string,
  revision: number,
): Promise<FunctionDefinition[]> {
  const rows = await sql.read<DefinitionRow>(organizationId, SELECT_AT_REVISION, [
    organizationId,
    entryPoint,
    revision,
  ]);
  return rows.map(definitionOf);
}

/** The live versions of functions, by name; names that nothing live has are left out. */
export async function liveFunctions(
  sql: Sql,
  organizationId: string,
  names: readonly string[],
): Promise<FunctionDefinition[]> {
  if (names.length === 0) return [];
  const rows = await sql.read<DefinitionRow>(organizationId, SELECT_LIVE, [organizationId, names]);
  return rows.map(definitionOf);
}

/** The names that rules may call now. */
export async function liveFunctionNames(sql: Sql, organizationId: string): Promise<string[]> {
  const rows = await sql.read<{ name: string }>(
    organizationId,
    'select name from rule_functions where organization_id = $1 and archived_at is null and live_version is not null',
    [organizationId],
  );
  return rows.map(({ name }) => name);
}

/** A function as it is saved, and as rules call it. */
export interface PresentFunction {
  readonly definition: AuthoredFunction;
  /** Null while nothing was published. */
  readonly liveDefinition: AuthoredFunction | null;
}

/** The functions of these names that an organization has, by name. */
export async function presentFunctions(
  sql: Sql,
  organizationId: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, PresentFunction>> {
  if (names.length === 0) return new Map();
  const rows = await sql.read<PresentFunction & { name: string } & Record<string, unknown>>(
    organizationId,
    SELECT_PRESENT,
    [organizationId, names],
  );
  return new Map(rows.map(({ name, definition, liveDefinition }) => [name, { definition, liveDefinition }]));
}

const definitionOf = ({ name, version, definition }: DefinitionRow): FunctionDefinition => ({
  name,
  version,
  parameters: definition.parameters,
  source: definition.source,
});

const SELECT_AT_REVISION = `
  select rule_functions.name, member.version, rule_function_versions.definition
  from rule_set_functions as member
  join rule_function_versions using (organization_id, function_id, version)
  join rule_functions on rule_functions.organization_id = member.organization_id
    and rule_functions.id = member.function_id
  where member.organization_id = $1 and member.entry_point = $2
    and member.from_revision <= $3 and (member.to_revision is null or member.to_revision > $3)
  order by rule_functions.name`;

const SELECT_LIVE = `
  select rule_functions.name, rule_function_versions.version, rule_function_versions.definition
  from rule_functions
  join rule_function_versions on rule_function_versions.organization_id = rule_functions.organization_id
    and rule_function_versions.function_id = rule_functions.id
    and rule_function_versions.version = rule_functions.live_version
  where rule_functions.organization_id = $1 and rule_functions.archived_at is null and rule_functions.name = any($2)
  order by rule_functions.name`;

const SELECT_PRESENT = `
  select name, rule_functions.definition, rule_function_versions.definition as "liveDefinition"
  from rule_functions
  left join rule_function_versions on rule_function_versions.organization_id = rule_functions.organization_id
    and rule_function_versions.function_id = rule_functions.id
    and rule_function_versions.version = rule_functions.live_version
  where rule_functions.organization_id = $1 and rule_functions.archived_at is null and name = any($2)`;
