import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { DomainEvent } from '../../../kernel/domain-event.js';
import type { Actor } from '../../../platform/http/actor.js';
import { RuleAuthoring, ruleForUpdate } from '../rule-authoring.js';
import type { RuleView } from '../rule-view.js';
import type { Rule } from '../rule.js';

/** Whether and as which version a rule takes part in decisions: published, deactivated, or archived for good. */
export class ChangeRuleForce extends Command<RuleView> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
    readonly change: 'publish' | 'deactivate' | 'archive',
    readonly expectedVersion: number | undefined,
  ) {
    super();
  }
}

@CommandHandler(ChangeRuleForce)
export class ChangeRuleForceHandler implements ICommandHandler<ChangeRuleForce> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly authoring: RuleAuthoring,
  ) {}

  async execute({ actor, id, change, expectedVersion }: ChangeRuleForce): Promise<RuleView> {
    const view = await this.unitOfWork.run(actor, async (unit) => {
      const rule = await ruleForUpdate(unit.em, id);
      const liveVersion = rule.liveVersion;
      unit.record('rule', rule, ...changes[change](rule, expectedVersion));
      if (rule.liveVersion !== liveVersion) await this.authoring.bringIntoForce(unit, rule);
      return this.authoring.answer(unit, rule, change === 'publish');
    });
    await this.authoring.isInForceHere();
    return view;
  }
}

const changes: Record<ChangeRuleForce['change'], (rule: Rule, expectedVersion: number | undefined) => DomainEvent[]> = {
  publish: (rule, expectedVersion) => rule.publish(expectedVersion),
  deactivate: (rule) => rule.deactivate(),
  archive: (rule, expectedVersion) => rule.archive(new Date(), expectedVersion),
};
