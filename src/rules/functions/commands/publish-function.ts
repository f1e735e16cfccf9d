import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { FunctionAuthoring, functionForUpdate } from '../function-authoring.js';
import { type FunctionView, viewOf } from '../function-view.js';

/** Lets every rule that calls the function call its newest version. */
export class PublishFunction extends Command<FunctionView> {
  constructor(
    readonly actor: Actor,
    readonly name: string,
    readonly expectedVersion: number | undefined,
  ) {
    super();
  }
}

@CommandHandler(PublishFunction)
export class PublishFunctionHandler implements ICommandHandler<PublishFunction> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly authoring: FunctionAuthoring,
  ) {}

  /** @throws not-found, stale */
  async execute({ actor, name, expectedVersion }: PublishFunction): Promise<FunctionView> {
    const view = await this.unitOfWork.run(actor, async (unit) => {
      const found = await functionForUpdate(unit.em, name);
      const events = found.publish(expectedVersion);
      unit.record('function', found, ...events);
      if (events.length > 0) await this.authoring.bringIntoForce(unit, found);
      return viewOf(found);
    });
    await this.authoring.isInForceHere();
    return view;
  }
}
