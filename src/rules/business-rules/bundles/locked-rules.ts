import { LockMode } from '@mikro-orm/core';
import type { Unit } from '../../../audit/audit.contract.js';
import { isId, newId } from '../../../kernel/id.js';
import { keyOf, Rule } from '../rule.js';
import type { CandidateRule, ImportItem } from './import-plan.js';

/** A rule of a bundle with the rule of the same key, which nobody else can change now. */
export interface LockedRule {
  readonly candidate: CandidateRule;
  readonly rule: Rule | undefined;
  readonly item: ImportItem;
}

/** A rule after its change, with what else is to be written. */
export interface SavedRule {
  readonly rule: Rule;
  readonly hasNewVersion: boolean;
  readonly isPutInForce: boolean;
}

/** Makes, revises or publishes a rule as planned, with its events. */
export function saveRule(unit: Unit, { candidate, rule: present, item }: LockedRule, now: Date): SavedRule {
  const by = { userId: unit.actor.id, now };
  const rule = present ?? makeRule(unit, candidate, now);
  if (item.outcome === 'revised') {
    unit.record('rule', rule, ...rule.revise(candidate.definition, by, { expectedVersion: undefined }));
  }
  const published = candidate.isPublished ? rule.publish(undefined) : [];
  unit.record('rule', rule, ...published);
  return { rule, hasNewVersion: item.outcome !== 'published', isPutInForce: published.length > 0 };
}

function makeRule(unit: Unit, { key, entryPoint, definition }: CandidateRule, now: Date): Rule {
  const place = { id: newId(), organizationId: unit.actor.organizationId, entryPoint, importedKey: key };
  const { rule, events } = Rule.create(place, definition, { userId: unit.actor.id, now });
  unit.em.persist(rule);
  unit.record('rule', rule, ...events);
  return rule;
}

/** The rules of the same keys, locked in an order in which two imports wait for instead of block one another. */
export async function rulesForUpdate(
  { em }: Unit,
  candidates: readonly CandidateRule[],
): Promise<ReadonlyMap<string, Rule>> {
  const keys = candidates.map(({ key }) => key);
  const written = { id: { $in: keys.filter(isId) }, importedKey: null };
  const imported = { importedKey: { $in: keys } };
  const rules = await em.find(
    Rule,
    { archivedAt: null, $or: [written, imported] },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } },
  );
  return new Map(rules.map((rule) => [keyOf(rule), rule]));
}
