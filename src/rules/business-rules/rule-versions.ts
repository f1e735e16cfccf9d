import type { EntityManager } from '@mikro-orm/postgresql';
import type { Rule } from './rule.js';

/** Keeps the rule's newest definition for ever. */
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
}
