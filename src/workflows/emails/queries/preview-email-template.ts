import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import type { JsonObject } from '../../../kernel/json.js';
import type { Actor } from '../../../platform/http/actor.js';
import { renderMail, type RenderedMail } from '../rendering/render-mail.js';
import { GetEmailTemplate } from './get-email-template.js';

/** A saved mail template as it would be sent with these values; nothing is sent or kept. */
export class PreviewEmailTemplate extends Query<RenderedMail> {
  constructor(
    readonly actor: Actor,
    readonly templateId: string,
    /** What the template reads by name, `{lead: {…}}`. */
    readonly data: JsonObject,
  ) {
    super();
  }
}

@QueryHandler(PreviewEmailTemplate)
export class PreviewEmailTemplateHandler implements IQueryHandler<PreviewEmailTemplate> {
  constructor(private readonly queries: QueryBus) {}

  /** @throws not-found, invalid `unrenderable-template` */
  async execute({ actor, templateId, data }: PreviewEmailTemplate): Promise<RenderedMail> {
    return renderMail(await this.queries.execute(new GetEmailTemplate(actor, templateId)), data);
  }
}
