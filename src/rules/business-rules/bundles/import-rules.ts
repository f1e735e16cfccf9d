import { LockMode } from '@mikro-orm/core';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Unit, UnitOfWork } from '../../../audit/audit.contract.js';
import { invalid } from '../../../kernel/domain-error.js';
import { isId, newId } from '../../../kernel/id.js';
import type { Actor } from '../../../platform/http/actor.js';
import { saveEntryPoints } from '../../entry-points/save-entry-points.js';
import { RuleAuthoring } from '../rule-authoring.js';
import { changeMembers } from '../rule-set-members.js';
import { saveVersions } from '../rule-versions.js';
import { keyOf, Rule } from '../rule.js';
import type { ImportRulesBody } from './bundle.dto.js';
import { ImportChecks, type ImportPlan } from './import-checks.js';
import { type CandidateRule, type ImportItem, type ImportReport, planRule, reportOf } from './import-plan.js';

/** Reasons that a refusal lists at most. */
const LISTED_VIOLATIONS = 100;

/** Brings rules and entry points in line with a bundle, wholly or not at all; what the bundle does not name stays. */
export class ImportRules extends Command<ImportReport> {
  constructor(
    readonly actor: Actor,
    readonly input: ImportRulesBody,
  ) {
    super();
  }
}

@CommandHandler(ImportRules)
export class ImportRulesHandler implements ICommandHandler<ImportRules> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly authoring: RuleAuthoring,
    private readonly checks: ImportChecks,
  ) {}

  /** @throws invalid `import-refused` with each reason, conflict `too-many-rules`, forbidden */
  async execute({ actor, input }: ImportRules): Promise<ImportReport> {
    if (input.publish) this.authoring.assertMayPublish(actor);
    const plan = await this.checks.planOf(actor.organizationId, input);
    if (plan.entryPoints.some(isChange)) this.authoring.assertMayPublish(actor);
    if (input.dryRun) return reportOf(itemsOf(plan), false);
    assertNoneRefused(itemsOf(plan));
    if (!itemsOf(plan).some(isChange)) return reportOf(itemsOf(plan), true);
    const report = await this.unitOfWork.run(actor, (unit) => this.bringInLine(unit, input, plan));
    await this.authoring.isInForceHere();
    return report;
  }

  /** What is to change is looked at once more under its lock; what was as it should be is left alone. */
  private async bringInLine(unit: Unit, input: ImportRulesBody, plan: ImportPlan): Promise<ImportReport> {
    const candidates = plan.rules.filter(({ item }) => isChange(item)).map(({ candidate }) => candidate);
    const present = await rulesForUpdate(unit, candidates);
    const rules = candidates.map((candidate): LockedRule => {
      const rule = present.get(candidate.key);
      return { candidate, rule, item: planRule(candidate, rule) };
    });
    const untouched = plan.rules.filter(({ item }) => !isChange(item)).map(({ item }) => item);
    const items = [...plan.entryPoints, ...rules.map(({ item }) => item), ...untouched];
    assertNoneRefused(items);
    const changed = new Set(plan.entryPoints.filter(isChange).map(({ key }) => key));
    await saveEntryPoints(
      unit,
      input.bundle.entryPoints.filter(({ name }) => changed.has(name)),
    );
    await this.saveRules(unit, rules);
    return reportOf(items, true);
  }

  private async saveRules(unit: Unit, rules: readonly LockedRule[]): Promise<void> {
    const now = new Date();
    await this.assertRoom(unit, rules);
    const saved = rules.filter(({ item }) => isChange(item)).map((locked) => saveRule(unit, locked, now));
    // Rows of versions refer to rows of rules.
    await unit.em.flush();
    await saveVersions(
      unit.em,
      saved.filter(({ hasNewVersion }) => hasNewVersion).map(({ rule }) => rule),
    );
    await changeMembers(
      unit.em,
      saved.filter(({ isPutInForce }) => isPutInForce).map(({ rule }) => rule),
    );
  }

  private async assertRoom({ em }: Unit, locked: readonly LockedRule[]): Promise<void> {
    const created = locked.filter(({ item }) => item.outcome === 'created');
    const byEntryPoint = Map.groupBy(created, ({ candidate }) => candidate.entryPoint);
    for (const [entryPoint, rules] of byEntryPoint)
      await this.authoring.limits.assertRoom(em, entryPoint, rules.length);
  }
}

/** A rule of a bundle with the rule of the same key, which nobody else can change now. */
interface LockedRule {
  readonly candidate: CandidateRule;
  readonly rule: Rule | undefined;
  readonly item: ImportItem;
}

interface SavedRule {
  readonly rule: Rule;
  readonly hasNewVersion: boolean;
  readonly isPutInForce: boolean;
}

function saveRule(unit: Unit, { candidate, rule: present, item }: LockedRule, now: Date): SavedRule {
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

const isChange = ({ outcome }: ImportItem): boolean => outcome !== 'unchanged' && outcome !== 'refused';

const itemsOf = ({ entryPoints, rules }: ImportPlan): readonly ImportItem[] => [
  ...entryPoints,
  ...rules.map(({ item }) => item),
];

/** The rules of the same keys, locked in an order in which two imports wait for instead of block one another. */
async function rulesForUpdate({ em }: Unit, candidates: readonly CandidateRule[]): Promise<ReadonlyMap<string, Rule>> {
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

function assertNoneRefused(items: readonly ImportItem[]): void {
  const refused = items.filter(({ outcome }) => outcome === 'refused');
  const violations = refused.flatMap(({ errors = [] }) => errors);
  if (violations.length === 0) return;
  const told = `${refused.length} of ${items.length} parts of the bundle are refused, so nothing was done`;
  throw invalid('import-refused', `${told}: ${violations[0]!.message}`, {
    violations: violations.slice(0, LISTED_VIOLATIONS),
    refused: refused.length,
  });
}
