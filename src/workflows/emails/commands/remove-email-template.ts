import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { loadTemplate } from '../email-template-rows.js';

/** Removes a template; a step that still names it fails when it runs. */
export class RemoveEmailTemplate extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly templateId: string,
    readonly expectedVersion: number | undefined,
  ) {
    super();
  }
}

@CommandHandler(RemoveEmailTemplate)
export class RemoveEmailTemplateHandler implements ICommandHandler<RemoveEmailTemplate> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws not-found, stale */
  async execute({ actor, templateId, expectedVersion }: RemoveEmailTemplate): Promise<void> {
    await this.unitOfWork.run(actor, async (unit) => {
      const template = await loadTemplate(unit.em, templateId);
      const events = template.remove(new Date(), expectedVersion);
      await unit.em.flush();
      unit.record('email-template', template, ...events);
    });
  }
}
