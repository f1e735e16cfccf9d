import type { EntityManager } from '@mikro-orm/postgresql';
import { timeOfId } from '../../kernel/id.js';
import { type DecisionRecord, matchedOrFailed } from './decision-record.js';

/** Makes decisions findable by the rules that matched or failed in them. */
export async function insertMatches(
  em: EntityManager,
  organizationId: string,
  records: readonly DecisionRecord[],
): Promise<void> {
  const rows = records.flatMap((record) =>
    matchedOrFailed(record).map((ruleId) => ({
      ruleId,
      eventId: record.executionId,
      occurredAt: timeOfId(record.executionId).toISOString(),
    })),
  );
  if (rows.length === 0) return;
  await em.execute(
    `insert into rule_matches (organization_id, rule_id, occurred_at, event_id)
     select ?::uuid, "ruleId", "occurredAt", "eventId"
     from jsonb_to_recordset(?::jsonb) as match("ruleId" uuid, "occurredAt" timestamptz, "eventId" uuid)`,
    [organizationId, JSON.stringify(rows)],
  );
}
