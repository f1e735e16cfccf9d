import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { functionForUpdate } from '../function-authoring.js';
import { countCallers } from '../rule-calls.js';

export class RemoveFunction extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly name: string,
    readonly expectedVersion: number | undefined,
  ) {
    super();
  }
}

@CommandHandler(RemoveFunction)
export class RemoveFunctionHandler implements ICommandHandler<RemoveFunction> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws not-found, stale, conflict `function-in-use` while rules call it */
  execute({ actor, name, expectedVersion }: RemoveFunction): Promise<void> {
    return this.unitOfWork.run(actor, async (unit) => {
      const found = await functionForUpdate(unit.em, name);
      const callers = await countCallers(unit.em, actor.organizationId, found.id);
      unit.record('function', found, ...found.remove(new Date(), callers, expectedVersion));
    });
  }
}
