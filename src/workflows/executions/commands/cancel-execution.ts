import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { Executions } from '../executions.js';

/** Stops an execution at the next boundary of a step; again, or after the end, it changes nothing. */
export class CancelExecution extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly executionId: string,
  ) {
    super();
  }
}

@CommandHandler(CancelExecution)
export class CancelExecutionHandler implements ICommandHandler<CancelExecution> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly executions: Executions,
  ) {}

  /** @throws not-found */
  async execute({ actor, executionId }: CancelExecution): Promise<void> {
    await this.unitOfWork.run(actor, (unit) => this.executions.cancel(unit, executionId));
  }
}
