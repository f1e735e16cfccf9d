import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { loadWorkflow } from '../../definitions/workflow-rows.js';
import { webhookChanged } from '../trigger.events.js';
import { deleteWebhook } from '../webhook-rows.js';

/** Takes a workflow's secret URL away; requests to it are answered as if it had never been. */
export class RemoveWebhook extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly workflowId: string,
  ) {
    super();
  }
}

@CommandHandler(RemoveWebhook)
export class RemoveWebhookHandler implements ICommandHandler<RemoveWebhook> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws not-found */
  async execute({ actor, workflowId }: RemoveWebhook): Promise<void> {
    await this.unitOfWork.run(actor, async (unit) => {
      const workflow = await loadWorkflow(unit.em, workflowId);
      const { version } = await deleteWebhook(unit.em, workflow);
      unit.record('workflow-webhook', { id: workflowId, version: version + 1 }, webhookChanged('removed', workflow));
    });
  }
}
