import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { JsonValue } from '../../../kernel/json.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { StepAddress } from '../tasks/open-wait.js';
import { StepResults } from '../tasks/step-results.js';

/** Brings what a step waits for: the result of a human task, or what stands for the event. */
export class ResumeStep extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly address: StepAddress,
    readonly result: JsonValue,
  ) {
    super();
  }
}

@CommandHandler(ResumeStep)
export class ResumeStepHandler implements ICommandHandler<ResumeStep> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly results: StepResults,
  ) {}

  /** @throws what `StepResults.bring` throws */
  async execute({ actor, address, result }: ResumeStep): Promise<void> {
    await this.unitOfWork.run(actor, (unit) => this.results.bring(unit, address, result));
  }
}
