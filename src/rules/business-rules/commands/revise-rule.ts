import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { RuleAuthoring, ruleForUpdate } from '../rule-authoring.js';
import type { RuleView } from '../rule-view.js';
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
      await this.authoring.revise(unit, rule, definition, options);
      return this.authoring.answer(unit, rule, options.isPublished);
    });
    if (options.isPublished) await this.authoring.isInForceHere();
    return view;
  }
}
