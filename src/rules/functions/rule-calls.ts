import type { EntityManager } from '@mikro-orm/postgresql';
import { conflict } from '../../kernel/domain-error.js';

/** A version of a rule. */
export interface RuleVersion {
  readonly ruleId: string;
  readonly version: number;
}

/** A version of a rule with the functions that it calls, by name. */
export interface RuleCalls extends RuleVersion {
  readonly names: readonly string[];
}

/**
 * Notes which functions versions of rules call, so that they cannot be removed beneath them.
 * @throws conflict `unknown-function` when one of them was removed since the rules were checked
 */
export async function saveCalls(em: EntityManager, organizationId: string, rules: readonly RuleCalls[]): Promise<void> {
  const calls = rules.flatMap(({ ruleId, version, names }) =>
    names.map((name) => ({ rule_id: ruleId, version, name })),
  );
  if (calls.length === 0) return;
  const saved = await em.execute<unknown[]>(
    `insert into rule_function_calls (organization_id, rule_id, version, function_id)
     select target.organization_id, call.rule_id, call.version, target.id
     from jsonb_to_recordset(?::jsonb) as call(rule_id uuid, version integer, name text)
     join rule_functions as target on target.organization_id = ? and target.name = call.name
     where target.archived_at is null and target.live_version is not null
     order by target.id for share of target returning function_id`,
    [JSON.stringify(calls), organizationId],
  );
  if (saved.length < calls.length) throw gone();
}

/**
 * Holds the functions that versions of rules call as they are until the transaction ends. To be taken before a head.
 * @throws conflict `unknown-function` when one of them was removed
 */
export async function holdCalledFunctions(
  em: EntityManager,
  organizationId: string,
  rules: readonly RuleVersion[],
): Promise<void> {
  const held = await em.execute<{ is_live: boolean }[]>(
    `select archived_at is null and live_version is not null as is_live from rule_functions
     where organization_id = ? and id in (
       select function_id from rule_function_calls
       join jsonb_to_recordset(?::jsonb) as called(rule_id uuid, version integer) using (rule_id, version)
       where organization_id = ?)
     order by id for share`,
    [
      organizationId,
      JSON.stringify(rules.map(({ ruleId, version }) => ({ rule_id: ruleId, version }))),
      organizationId,
    ],
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
