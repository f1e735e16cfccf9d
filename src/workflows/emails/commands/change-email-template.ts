import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { AuthoredTemplate } from '../email-template.js';
import {
  expectNameFree,
  insertVersion,
  loadTemplate,
  templateAnswer,
  type EmailTemplateAnswer,
} from '../email-template-rows.js';

export class ChangeEmailTemplate extends Command<EmailTemplateAnswer> {
  constructor(
    readonly actor: Actor,
    readonly templateId: string,
    readonly input: AuthoredTemplate,
    readonly expectedVersion: number | undefined,
  ) {
    super();
  }
}

@CommandHandler(ChangeEmailTemplate)
export class ChangeEmailTemplateHandler implements ICommandHandler<ChangeEmailTemplate> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws not-found, stale, invalid `invalid-template`, conflict `template-name-taken` */
  execute({ actor, templateId, input, expectedVersion }: ChangeEmailTemplate): Promise<EmailTemplateAnswer> {
    return this.unitOfWork.run(actor, async (unit) => {
      const template = await loadTemplate(unit.em, templateId);
      const events = template.change(input, new Date(), expectedVersion);
      await expectNameFree(unit.em, template);
      await insertVersion(unit.em, template, actor.id);
      unit.record('email-template', template, ...events);
      return templateAnswer(template);
    });
  }
}
