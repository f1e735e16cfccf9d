import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { Interventions } from '../interventions.js';

/** Stops an execution at the next boundary of a step; again, or after the end, it changes nothing. */
export class CancelExecution extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly executionId: string,
    /** Whether the completed steps that name a compensation are undone afterwards. */
    readonly compensate = false,
  ) {
    super();
  }
}

@CommandHandler(CancelExecution)
export class CancelExecutionHandler implements ICommandHandler<CancelExecution> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly interventions: Interventions,
  ) {}

  /** @throws not-found */
  async execute({ actor, executionId, compensate }: CancelExecution): Promise<void> {
    await this.unitOfWork.run(actor, (unit) => this.interventions.cancel(unit, executionId, compensate));
  }
}
