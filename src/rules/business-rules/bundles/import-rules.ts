import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Unit, UnitOfWork } from '../../../audit/audit.contract.js';
import { invalid } from '../../../kernel/domain-error.js';
import type { Actor } from '../../../platform/http/actor.js';
import { saveEntryPoints } from '../../entry-points/save-entry-points.js';
import { FunctionAuthoring } from '../../functions/function-authoring.js';
import { RuleAuthoring } from '../rule-authoring.js';
import { changeMembers } from '../rule-set-members.js';
import { saveVersions } from '../rule-versions.js';
import type { ImportRulesBody } from './bundle.dto.js';
import { ImportChecks, type ImportPlan } from './import-checks.js';
import { type ImportItem, type ImportReport, planRule, reportOf } from './import-plan.js';
import { lockFunctions, saveFunctions } from './locked-functions.js';
import { type LockedRule, rulesForUpdate, saveRule } from './locked-rules.js';

/** Reasons that a refusal lists at most. */
const LISTED_VIOLATIONS = 100;

/** Brings rules, entry points and functions in line with a bundle, wholly or not at all; what the bundle does not name stays. */
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
    private readonly functions: FunctionAuthoring,
    private readonly checks: ImportChecks,
  ) {}

  /**
   * @throws invalid `import-refused` with each reason, conflict `too-many-rules` or `too-many-functions`, forbidden,
   * unavailable
   */
  async execute({ actor, input }: ImportRules): Promise<ImportReport> {
    if (input.publish) this.authoring.assertMayPublish(actor);
    const plan = await this.checks.planOf(actor.organizationId, input);
    if (plan.entryPoints.some(isChange) || plan.functions.some(isNew)) this.authoring.assertMayPublish(actor);
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
    const functions = await lockFunctions(
      unit,
      plan.functions.filter(({ item }) => isChange(item)).map(({ candidate }) => candidate),
    );
    // Somebody may have removed meanwhile what was only to be revised.
    if (functions.some(isNew)) this.authoring.assertMayPublish(unit.actor);
    const untouched = [...plan.functions, ...plan.rules].map(({ item }) => item).filter((item) => !isChange(item));
    const items = [...plan.entryPoints, ...[...functions, ...rules].map(({ item }) => item), ...untouched];
    assertNoneRefused(items);
    const changed = new Set(plan.entryPoints.filter(isChange).map(({ key }) => key));
    await saveEntryPoints(
      unit,
      input.bundle.entryPoints.filter(({ name }) => changed.has(name)),
    );
    await saveFunctions(unit, this.functions, functions);
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

const isChange = ({ outcome }: ImportItem): boolean => outcome !== 'unchanged' && outcome !== 'refused';

const isNew = ({ item }: { readonly item: ImportItem }): boolean => item.outcome === 'created';

const itemsOf = ({ entryPoints, functions, rules }: ImportPlan): readonly ImportItem[] => [
  ...entryPoints,
  ...[...functions, ...rules].map(({ item }) => item),
];

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
