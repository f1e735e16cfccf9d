import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { Interventions } from '../interventions.js';

/** Lets a failed execution go on from the steps that failed or were interrupted. */
export class RetryExecution extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly executionId: string,
  ) {
    super();
  }
}

@CommandHandler(RetryExecution)
export class RetryExecutionHandler implements ICommandHandler<RetryExecution> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly interventions: Interventions,
  ) {}

  /** @throws not-found, conflict `execution-not-failed` */
  async execute({ actor, executionId }: RetryExecution): Promise<void> {
    await this.unitOfWork.run(actor, (unit) => this.interventions.retry(unit, executionId));
  }
}
