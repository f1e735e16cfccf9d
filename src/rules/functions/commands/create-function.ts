import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { newId } from '../../../kernel/id.js';
import type { Actor } from '../../../platform/http/actor.js';
import { RuleAuthoring } from '../../business-rules/rule-authoring.js';
import { type AuthoredFunction, CustomFunction } from '../custom-function.js';
import { FunctionAuthoring } from '../function-authoring.js';
import { saveFunctionVersion } from '../function-versions.js';
import { type FunctionView, viewOf } from '../function-view.js';

export class CreateFunction extends Command<FunctionView> {
  constructor(
    readonly actor: Actor,
    readonly name: string,
    readonly definition: AuthoredFunction,
    /** Lets rules call version 1 at once. */
    readonly isPublished: boolean,
  ) {
    super();
  }
}

@CommandHandler(CreateFunction)
export class CreateFunctionHandler implements ICommandHandler<CreateFunction> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly authoring: FunctionAuthoring,
    private readonly rules: RuleAuthoring,
  ) {}

  /** @throws invalid `invalid-function`, conflict `function-exists` or `too-many-functions`, forbidden, unavailable */
  async execute({ actor, name, definition, isPublished }: CreateFunction): Promise<FunctionView> {
    if (isPublished) this.rules.assertMayPublish(actor);
    await this.authoring.assertSound(name, definition);
    return this.unitOfWork.run(actor, async (unit) => {
      await this.authoring.assertNameIsFree(unit.em, name);
      await this.authoring.assertRoom(unit.em, 1);
      const place = { id: newId(), organizationId: actor.organizationId, name };
      const by = { userId: actor.id, now: new Date() };
      const { customFunction, events } = CustomFunction.create(place, definition, by);
      unit.em.persist(customFunction);
      await unit.em.flush();
      await saveFunctionVersion(unit.em, customFunction);
      unit.record('function', customFunction, ...events);
      // No rule can call it yet, so no rule set changes.
      if (isPublished) unit.record('function', customFunction, ...customFunction.publish(undefined));
      return viewOf(customFunction);
    });
  }
}
