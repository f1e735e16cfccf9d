import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { loadWorkflow } from '../workflow-rows.js';
import { keepSchedule } from '../../triggers/schedule-rows.js';

/** Takes a workflow out of the lists; running executions go on. */
export class ArchiveWorkflow extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly workflowId: string,
    /** The definition version that the caller saw. */
    readonly expectedVersion: number | undefined,
  ) {
    super();
  }
}

@CommandHandler(ArchiveWorkflow)
export class ArchiveWorkflowHandler implements ICommandHandler<ArchiveWorkflow> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws not-found, stale */
  async execute({ actor, workflowId, expectedVersion }: ArchiveWorkflow): Promise<void> {
    await this.unitOfWork.run(actor, async (unit) => {
      const workflow = await loadWorkflow(unit.em, workflowId);
      const events = workflow.archive(new Date(), expectedVersion);
      await unit.em.flush();
      await keepSchedule(unit.em, workflow);
      unit.record('workflow', workflow, ...events);
    });
  }
}
