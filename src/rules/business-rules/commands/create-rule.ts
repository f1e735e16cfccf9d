import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { newId } from '../../../kernel/id.js';
import type { Actor } from '../../../platform/http/actor.js';
import { RuleAuthoring, type RulePlace } from '../rule-authoring.js';
import { saveVersions } from '../rule-versions.js';
import type { RuleView } from '../rule-view.js';
import { type AuthoredRule, Rule } from '../rule.js';

export class CreateRule extends Command<RuleView> {
  constructor(
    readonly actor: Actor,
    readonly place: RulePlace,
    readonly definition: AuthoredRule,
    /** Puts version 1 in force at once. */
    readonly isPublished: boolean,
  ) {
    super();
  }
}

@CommandHandler(CreateRule)
export class CreateRuleHandler implements ICommandHandler<CreateRule> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly authoring: RuleAuthoring,
  ) {}

  async execute({ actor, place, definition, isPublished }: CreateRule): Promise<RuleView> {
    if (isPublished) this.authoring.assertMayPublish(actor);
    const view = await this.unitOfWork.run(actor, async (unit) => {
      const entryPoint = await this.authoring.entryPointOf(actor.organizationId, place);
      this.authoring.assertSound(entryPoint, definition);
      await this.authoring.limits.assertRoom(unit.em, entryPoint.name);
      const { rule, events } = Rule.create(
        { id: newId(), organizationId: actor.organizationId, entryPoint: entryPoint.name },
        definition,
        { userId: actor.id, now: new Date() },
      );
      unit.em.persist(rule);
      await unit.em.flush();
      await saveVersions(unit.em, [rule]);
      unit.record('rule', rule, ...events);
      if (isPublished) {
        unit.record('rule', rule, ...rule.publish(undefined));
        await this.authoring.bringIntoForce(unit, rule);
      }
      return this.authoring.answer(unit, rule, true);
    });
    if (isPublished) await this.authoring.isInForceHere();
    return view;
  }
}
