import type { EntityManager } from '@mikro-orm/postgresql';
import { functionsCalledBy } from '../engine/called-functions.js';
import { saveCalls } from '../functions/rule-calls.js';
import type { Rule } from './rule.js';

/**
 * Keeps the rule's newest definition for ever, with the functions that it calls.
 * @throws conflict `unknown-function` when one of them was removed since the definition was checked
 */
export async function saveVersion(em: EntityManager, rule: Rule): Promise<void> {
  await em.execute(
    `insert into rule_versions (organization_id, rule_id, version, definition, created_at, created_by)
     values (?, ?, ?, ?::jsonb, ?, ?)`,
    [
      rule.organizationId,
      rule.id,
      rule.definitionVersion,
      JSON.stringify(rule.definition),
      rule.updatedAt.toISOString(),
      rule.updatedBy,
    ],
  );
  const { organizationId, id: ruleId, definitionVersion: version } = rule;
  await saveCalls(em, { organizationId, ruleId, version }, functionsCalledBy(rule.definition));
}
