import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { newId } from '../../../kernel/id.js';
import type { Actor } from '../../../platform/http/actor.js';
import { EmailTemplate, type AuthoredTemplate } from '../email-template.js';
import { expectNameFree, insertVersion, templateAnswer, type EmailTemplateAnswer } from '../email-template-rows.js';

export class CreateEmailTemplate extends Command<EmailTemplateAnswer> {
  constructor(
    readonly actor: Actor,
    readonly input: AuthoredTemplate,
  ) {
    super();
  }
}

@CommandHandler(CreateEmailTemplate)
export class CreateEmailTemplateHandler implements ICommandHandler<CreateEmailTemplate> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws invalid `invalid-template`, conflict `template-name-taken` */
  execute({ actor, input }: CreateEmailTemplate): Promise<EmailTemplateAnswer> {
    return this.unitOfWork.run(actor, async (unit) => {
      const place = { id: newId(), organizationId: actor.organizationId };
      const { template, events } = EmailTemplate.create(place, input, new Date());
      await expectNameFree(unit.em, template);
      unit.em.persist(template);
      await insertVersion(unit.em, template, actor.id);
      unit.record('email-template', template, ...events);
      return templateAnswer(template);
    });
  }
}
