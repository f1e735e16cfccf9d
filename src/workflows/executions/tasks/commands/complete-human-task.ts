import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../../audit/audit.contract.js';
import type { JsonValue } from '../../../../kernel/json.js';
import type { Actor } from '../../../../platform/http/actor.js';
import { StepResults } from '../step-results.js';
import { addressOfTask } from '../task-rows.js';

/** Brings the result of a human task. */
export class CompleteHumanTask extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly taskId: string,
    readonly result: JsonValue,
  ) {
    super();
  }
}

@CommandHandler(CompleteHumanTask)
export class CompleteHumanTaskHandler implements ICommandHandler<CompleteHumanTask> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly results: StepResults,
  ) {}

  /** @throws not-found, and what `StepResults.bring` throws */
  async execute({ actor, taskId, result }: CompleteHumanTask): Promise<void> {
    await this.unitOfWork.run(actor, async (unit) =>
      this.results.bring(unit, await addressOfTask(unit, taskId), result),
    );
  }
}
