import type { EntityManager } from '@mikro-orm/postgresql';
import { raiseHead } from '../../platform/cache/change-follower.js';
import { holdCalledFunctions } from '../functions/rule-calls.js';
import { alignFunctions } from '../functions/rule-set-functions.js';
import { ruleSetScope } from './rule-set-scope.js';
import type { Rule } from './rule.js';

/**
 * Brings the sets in line with the live versions of rules of one organization: raises the revision of each entry point
 * once, closes the members that were in force and opens the new ones. Two rows a rule change, however many rules there
 * are. Entry points come in order of their names, so that two who change several wait for instead of block one another.
 * The functions that rules call come and go with them.
 * @throws conflict `unknown-function` when a function that a rule calls was removed
 */
export async function changeMembers(em: EntityManager, rules: readonly Rule[]): Promise<void> {
  const live = rules.flatMap(({ id: ruleId, liveVersion: version }) => (version === null ? [] : [{ ruleId, version }]));
  if (live.length > 0) await holdCalledFunctions(em, rules[0]!.organizationId, live);
  const byEntryPoint = Map.groupBy(rules, ({ entryPoint }) => entryPoint);
  for (const entryPoint of [...byEntryPoint.keys()].sort()) await changeSet(em, byEntryPoint.get(entryPoint)!);
}

async function changeSet(em: EntityManager, rules: readonly Rule[]): Promise<void> {
  const { organizationId, entryPoint } = rules[0]!;
  const revision = await raiseHead(em, organizationId, ruleSetScope(entryPoint));
  const members = rules.map(({ id, liveVersion }) => ({ rule_id: id, version: liveVersion }));
  const values = [organizationId, JSON.stringify(members)];
  await em.execute(
    `update rule_set_members set to_revision = ?
     where organization_id = ? and slot = 'live' and to_revision is null
       and rule_id in (select rule_id from jsonb_to_recordset(?::jsonb) as changed(rule_id uuid))`,
    [revision, ...values],
  );
  await em.execute(
    `insert into rule_set_members (organization_id, entry_point, rule_id, version, slot, from_revision)
     select ?::uuid, ?, rule_id, version, 'live', ?::bigint
     from jsonb_to_recordset(?::jsonb) as changed(rule_id uuid, version integer)
     where version is not null`,
    [organizationId, entryPoint, revision, JSON.stringify(members)],
  );
  await alignFunctions(em, { organizationId, entryPoint, revision });
}
