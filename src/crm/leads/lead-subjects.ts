import { LockMode } from '@mikro-orm/core';
import type { Unit } from '../../audit/audit.contract.js';
import type { JsonObject } from '../../kernel/json.js';
import type { OwnedSubject } from '../../rules/rules.contract.js';
import { activeMembers, unknownAssignee } from './assignees.js';
import { Lead } from './lead.js';

/** What rules see of a lead; everything is there, null where it is empty. */
const contextOf = (lead: Lead): JsonObject => ({
  lead: {
    id: lead.id,
    source: lead.source,
    sourceDetail: lead.sourceDetail,
    status: lead.status,
    score: lead.score,
    company: { ...lead.company },
    contact: { ...lead.contact },
    requirements: lead.requirements,
    assigneeId: lead.assigneeId,
    createdAt: lead.createdAt.toISOString(),
  },
});

/** Loads leads for decisions, for update; deleted ones are left out. */
export async function loadLeadSubjects(unit: Unit, ids: readonly string[]): Promise<ReadonlyMap<string, OwnedSubject>> {
  const leads = await unit.em.find(
    Lead,
    { id: { $in: [...ids] }, deletedAt: null },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } },
  );
  const members = await activeMembers(unit.em);
  return new Map(leads.map((lead) => [lead.id, subjectOf(lead, members)]));
}

function subjectOf(lead: Lead, members: ReadonlySet<string>): OwnedSubject {
  return {
    context: contextOf(lead),
    write(changes, unit) {
      const { 'lead.assigneeId': assigneeId = null } = changes;
      if (assigneeId !== null && !members.has(assigneeId as string)) throw unknownAssignee(assigneeId);
      unit.record('lead', lead, ...lead.changeFields(changes, new Date()));
    },
  };
}
