import type { EntityManager } from '@mikro-orm/postgresql';
import { functionsCalledBy } from '../engine/called-functions.js';
import { saveCalls } from '../functions/rule-calls.js';
import type { AuthoredRule, Rule } from './rule.js';

/**
 * Keeps the newest definitions of rules of one organization for ever, with the functions that they call.
 * @throws conflict `unknown-function` when one of them was removed since the definitions were checked
 */
export async function saveVersions(em: EntityManager, rules: readonly Rule[]): Promise<void> {
  const [first] = rules;
  if (!first) return;
  const rows = rules.map(({ id, definitionVersion, definition, updatedAt, updatedBy }) => ({
    rule_id: id,
    version: definitionVersion,
    definition,
    created_at: updatedAt.toISOString(),
    created_by: updatedBy,
  }));
  await em.execute(
    `insert into rule_versions (organization_id, rule_id, version, definition, created_at, created_by)
     select ?::uuid, rule_id, version, definition, created_at, created_by
     from jsonb_to_recordset(?::jsonb)
       as saved(rule_id uuid, version integer, definition jsonb, created_at timestamptz, created_by uuid)`,
    [first.organizationId, JSON.stringify(rows)],
  );
  const calls = rules.map(({ id: ruleId, definitionVersion: version, definition }) => ({
    ruleId,
    version,
    names: functionsCalledBy(definition),
  }));
  await saveCalls(em, first.organizationId, calls);
}

/** A definition as it was saved; undefined for a version that the rule never had. */
export async function savedDefinition(
  em: EntityManager,
  { organizationId, id }: Rule,
  version: number,
): Promise<AuthoredRule | undefined> {
  const [row] = await em.execute<{ definition: AuthoredRule }[]>(
    'select definition from rule_versions where organization_id = ? and rule_id = ? and version = ?',
    [organizationId, id, version],
  );
  return row?.definition;
}
