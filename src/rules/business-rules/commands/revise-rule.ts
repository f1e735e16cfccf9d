import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { RuleAuthoring, ruleForUpdate } from '../rule-authoring.js';
import { saveVersion } from '../rule-versions.js';
import { type RuleView, viewOf } from '../rule-view.js';
import type { AuthoredRule } from '../rule.js';

export class ReviseRule extends Command<RuleView> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
    readonly definition: AuthoredRule,
    readonly options: { readonly isPublished: boolean; readonly expectedVersion: number | undefined },
  ) {
    super();
  }
}

@CommandHandler(ReviseRule)
export class ReviseRuleHandler implements ICommandHandler<ReviseRule> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly authoring: RuleAuthoring,
  ) {}

  async execute({ actor, id, definition, options }: ReviseRule): Promise<RuleView> {
    if (options.isPublished) this.authoring.assertMayPublish(actor);
    const view = await this.unitOfWork.run(actor, async (unit) => {
      const rule = await ruleForUpdate(unit.em, id);
      const entryPoint = await this.authoring.entryPointOf(actor.organizationId, { entryPoint: rule.entryPoint });
      this.authoring.assertSound(entryPoint, definition);
      unit.record(
        'rule',
        rule,
        ...rule.revise(definition, { userId: actor.id, now: new Date() }, options.expectedVersion),
      );
      await saveVersion(unit.em, rule);
      if (options.isPublished) {
        unit.record('rule', rule, ...rule.publish(undefined));
        await this.authoring.bringIntoForce(unit, rule);
      }
      return viewOf(rule);
    });
    if (options.isPublished) await this.authoring.isInForceHere();
    return view;
  }
}
