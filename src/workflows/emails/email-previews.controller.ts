import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '../../kernel/json.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, RequirePermission } from '../../platform/http/decorators.js';
import { IdParameters } from '../../platform/http/page-query.js';
import { EmailPreviewBody, EmailPreviewView, UnsavedEmailPreviewBody } from './email-previews.dto.js';
import { sourceOf } from './email-template.js';
import { PreviewEmailTemplate } from './queries/preview-email-template.js';
import { renderMail, type RenderedMail } from './rendering/render-mail.js';

/** Templates as they would be sent. */
@ApiTags('Emails')
@Controller('email-templates')
export class EmailPreviewsController {
  constructor(private readonly queries: QueryBus) {}

  @Post('preview')
  @HttpCode(200)
  @RequirePermission('workflows:write')
  @ApiOperation({ summary: 'Show a mail template that is not saved as it would be sent; sends and saves nothing' })
  @ApiData(EmailPreviewView)
  previewUnsaved(@Body() { data, ...source }: UnsavedEmailPreviewBody): RenderedMail {
    return renderMail(sourceOf(source), data as JsonObject);
  }

  @Post(':id/preview')
  @HttpCode(200)
  @RequirePermission('emails:read')
  @ApiOperation({ summary: 'Show a mail template as it would be sent with these values; sends and changes nothing' })
  @ApiData(EmailPreviewView)
  @ApiProblems(404)
  preview(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Body() { data }: EmailPreviewBody,
  ): Promise<RenderedMail> {
    return this.queries.execute(new PreviewEmailTemplate(actor, id, data as JsonObject));
  }
}
