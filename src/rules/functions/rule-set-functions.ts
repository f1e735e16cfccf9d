import type { EntityManager } from '@mikro-orm/postgresql';
import { raiseHead } from '../../platform/cache/change-follower.js';
import { ruleSetScope } from '../business-rules/rule-set-scope.js';
import type { CustomFunction } from './custom-function.js';

/** The rule set of an entry point, and the revision that a change is made under. */
export interface RuleSetRevision {
  readonly organizationId: string;
  readonly entryPoint: string;
  readonly revision: number;
}

/**
 * Brings the functions of a set in line with its live rules: those that are called now and were not come in with their
 * live version, those that no rule calls any more go.
 */
export async function alignFunctions(em: EntityManager, place: RuleSetRevision): Promise<void> {
  const { organizationId, entryPoint, revision } = place;
  await em.execute(
    `update rule_set_functions as held set to_revision = ?
     where held.organization_id = ? and held.entry_point = ? and held.to_revision is null
       and not exists (${LIVE_CALLS} and call.function_id = held.function_id)`,
    [revision, organizationId, entryPoint, organizationId, entryPoint],
  );
  await em.execute(
    `insert into rule_set_functions (organization_id, entry_point, function_id, version, from_revision)
     select organization_id, ?, id, live_version, ? from rule_functions as target
     where organization_id = ? and id in (${LIVE_CALLS}) and not exists (
       select from rule_set_functions as held where held.organization_id = target.organization_id
         and held.entry_point = ? and held.function_id = target.id and held.to_revision is null)`,
    [entryPoint, revision, organizationId, organizationId, entryPoint, entryPoint],
  );
}

/** Puts the function's live version into every set whose live rules call it, each under a new revision. */
export async function replaceInRuleSets(em: EntityManager, customFunction: CustomFunction): Promise<void> {
  const { organizationId, id, liveVersion } = customFunction;
  const places = await em.execute<{ entry_point: string }[]>(
    `select entry_point from rule_set_functions
     where organization_id = ? and function_id = ? and to_revision is null order by entry_point`,
    [organizationId, id],
  );
  for (const { entry_point: entryPoint } of places) {
    const revision = await raiseHead(em, organizationId, ruleSetScope(entryPoint));
    const closed = await em.execute<unknown[]>(
      `update rule_set_functions set to_revision = ?
       where organization_id = ? and entry_point = ? and function_id = ? and to_revision is null returning function_id`,
      [revision, organizationId, entryPoint, id],
    );
    if (closed.length === 0) continue;
    await em.execute(
      `insert into rule_set_functions (organization_id, entry_point, function_id, version, from_revision)
       values (?, ?, ?, ?, ?)`,
      [organizationId, entryPoint, id, liveVersion, revision],
    );
  }
}

const LIVE_CALLS = `
  select call.function_id from rule_set_members as member
  join rule_function_calls as call using (organization_id, rule_id, version)
  where member.organization_id = ? and member.entry_point = ? and member.to_revision is null`;
