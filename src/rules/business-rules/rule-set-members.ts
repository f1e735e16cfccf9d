import type { EntityManager } from '@mikro-orm/postgresql';
import { raiseHead } from '../../platform/cache/change-follower.js';
import { holdCalledFunctions } from '../functions/rule-calls.js';
import { alignFunctions } from '../functions/rule-set-functions.js';
import { ruleSetScope } from './rule-set-scope.js';
import type { Rule } from './rule.js';

export { ruleSetScope };

/**
 * Brings the entry point's set in line with the rule's live version: raises the revision, closes the member that was in
 * force and opens the new one, and does the same for the functions that rules call. Two rows change, however many rules
 * there are.
 * @returns the revision from which the change is in force
 * @throws conflict `unknown-function` when a function that the rule calls was removed
 */
export async function changeMember(em: EntityManager, rule: Rule): Promise<number> {
  const { organizationId, id: ruleId, liveVersion } = rule;
  if (liveVersion !== null) await holdCalledFunctions(em, { organizationId, ruleId, version: liveVersion });
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
  await alignFunctions(em, { organizationId, entryPoint: rule.entryPoint, revision });
  return revision;
}
