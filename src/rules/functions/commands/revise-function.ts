import { Command, CommandHandler, type ICommandHandler, QueryBus } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { RuleAuthoring } from '../../business-rules/rule-authoring.js';
import type { AuthoredFunction } from '../custom-function.js';
import { FunctionAuthoring, functionForUpdate } from '../function-authoring.js';
import { saveFunctionVersion } from '../function-versions.js';
import { type FunctionView, viewOf } from '../function-view.js';
import { GetFunction } from '../queries/get-function.js';

export class ReviseFunction extends Command<FunctionView> {
  constructor(
    readonly actor: Actor,
    readonly name: string,
    readonly definition: AuthoredFunction,
    readonly options: { readonly isPublished: boolean; readonly expectedVersion: number | undefined },
  ) {
    super();
  }
}

@CommandHandler(ReviseFunction)
export class ReviseFunctionHandler implements ICommandHandler<ReviseFunction> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly authoring: FunctionAuthoring,
    private readonly rules: RuleAuthoring,
    private readonly queries: QueryBus,
  ) {}

  /** @throws not-found, stale, invalid `invalid-function`, forbidden, unavailable */
  async execute({ actor, name, definition, options }: ReviseFunction): Promise<FunctionView> {
    if (options.isPublished) this.rules.assertMayPublish(actor);
    await this.queries.execute(new GetFunction(actor, name));
    await this.authoring.assertSound(name, definition);
    const view = await this.unitOfWork.run(actor, async (unit) => {
      const found = await functionForUpdate(unit.em, name);
      const by = { userId: actor.id, now: new Date() };
      unit.record('function', found, ...found.revise(definition, by, options.expectedVersion));
      await saveFunctionVersion(unit.em, found);
      if (options.isPublished) {
        unit.record('function', found, ...found.publish(undefined));
        await this.authoring.bringIntoForce(unit, found);
      }
      return viewOf(found);
    });
    if (options.isPublished) await this.authoring.isInForceHere();
    return view;
  }
}
