import type { EntityManager } from '@mikro-orm/postgresql';
import { raiseHead } from '../../platform/cache/change-follower.js';
import type { Rule } from './rule.js';

/** The scope under which processes follow the rule set of an entry point. */
export const ruleSetScope = (entryPoint: string): string => `rules:${entryPoint}`;

/**
 * Brings the entry point's set in line with the rule's live version: raises the revision, closes the member that was in
 * force and opens the new one. Two rows change, however many rules there are.
 * @returns the revision from which the change is in force
 */
export async function changeMember(em: EntityManager, rule: Rule): Promise<number> {
  const revision = await raiseHead(em, rule.organizationId, ruleSetScope(rule.entryPoint));
  await em.execute(
    `update rule_set_members set to_revision = ?
     where organization_id = ? and rule_id = ? and slot = 'live' and to_revision is null`,
    [revision, rule.organizationId, rule.id],
  );
  if (rule.liveVersion !== null) {
    await em.execute(
      `insert into rule_set_members (organization_id, entry_point, rule_id, version, slot, from_revision)
       values (?, ?, ?, ?, 'live', ?)`,
      [rule.organizationId, rule.entryPoint, rule.id, rule.liveVersion, revision],
    );
  }
  return revision;
}
