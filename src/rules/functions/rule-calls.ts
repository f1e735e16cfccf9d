import type { EntityManager } from '@mikro-orm/postgresql';
import { conflict } from '../../kernel/domain-error.js';

/** A version of a rule. */
export interface RuleVersionKey {
  readonly organizationId: string;
  readonly ruleId: string;
  readonly version: number;
}

/**
 * Notes which functions a version of a rule calls, so that they cannot be removed beneath it.
 * @throws conflict `unknown-function` when one of them was removed since the rule was checked
 */
export async function saveCalls(em: EntityManager, key: RuleVersionKey, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const saved = await em.execute<unknown[]>(
    `insert into rule_function_calls (organization_id, rule_id, version, function_id)
     select organization_id, ?, ?, id from rule_functions
     where organization_id = ? and name in (?) and archived_at is null and live_version is not null
     order by id for share returning function_id`,
    [key.ruleId, key.version, key.organizationId, names],
  );
  if (saved.length < names.length) throw gone();
}

/** Holds the functions that a version of a rule calls as they are until the transaction ends. To be taken before a head. */
export async function holdCalledFunctions(em: EntityManager, key: RuleVersionKey): Promise<void> {
  const held = await em.execute<{ is_live: boolean }[]>(
    `select archived_at is null and live_version is not null as is_live from rule_functions
     where organization_id = ? and id in
       (select function_id from rule_function_calls where organization_id = ? and rule_id = ? and version = ?)
     order by id for share`,
    [key.organizationId, key.organizationId, key.ruleId, key.version],
  );
  if (held.some(({ is_live: isLive }) => !isLive)) throw gone();
}

/** How many rules call a function, as they are live or as they were saved last. */
export async function countCallers(em: EntityManager, organizationId: string, functionId: string): Promise<number> {
  const [row] = await em.execute<{ count: string }[]>(
    `select count(distinct rules.id) as count
     from rule_function_calls as call
     join rules on rules.organization_id = call.organization_id and rules.id = call.rule_id
     where call.organization_id = ? and call.function_id = ? and rules.archived_at is null
       and call.version in (rules.definition_version, rules.live_version)`,
    [organizationId, functionId],
  );
  return Number(row!.count);
}

const gone = () => conflict('unknown-function', 'A function that the rule calls was removed; change the rule.');
