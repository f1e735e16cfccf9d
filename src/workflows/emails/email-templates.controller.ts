import { Body, Controller, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, ExpectedVersion, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { Message } from '../../platform/http/envelope.js';
import { IdParameters, PageQuery } from '../../platform/http/page-query.js';
import { ChangeEmailTemplate } from './commands/change-email-template.js';
import { CreateEmailTemplate } from './commands/create-email-template.js';
import { RemoveEmailTemplate } from './commands/remove-email-template.js';
import type { EmailTemplateAnswer } from './email-template-rows.js';
import { EmailTemplateBody, EmailTemplateVersionView, EmailTemplateView } from './emails.dto.js';
import { GetEmailTemplate } from './queries/get-email-template.js';
import { type EmailTemplateVersionRow, ListEmailTemplateVersions } from './queries/list-email-template-versions.js';
import { ListEmailTemplates } from './queries/list-email-templates.js';

@ApiTags('Emails')
@Controller('email-templates')
export class EmailTemplatesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @RequirePermission('emails:read')
  @ApiOperation({ summary: 'List the mail templates, newest first' })
  @ApiData(EmailTemplateView, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() page: PageQuery): Promise<Page<EmailTemplateAnswer>> {
    return this.queries.execute(new ListEmailTemplates(actor, page));
  }

  @Post()
  @Idempotent()
  @RequirePermission('workflows:write')
  @ApiOperation({ summary: 'Create a mail template' })
  @ApiData(EmailTemplateView, { status: 201 })
  create(@CurrentActor() actor: Actor, @Body() body: EmailTemplateBody): Promise<EmailTemplateAnswer> {
    return this.commands.execute(new CreateEmailTemplate(actor, { ...body }));
  }

  @Get(':id')
  @RequirePermission('emails:read')
  @ApiOperation({ summary: 'Get one mail template' })
  @ApiData(EmailTemplateView)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<EmailTemplateAnswer> {
    return this.queries.execute(new GetEmailTemplate(actor, id));
  }

  @Put(':id')
  @RequirePermission('workflows:write')
  @ApiOperation({ summary: 'Save a new version of a mail template; mails that are sent from now on use it' })
  @ApiData(EmailTemplateView)
  @ApiProblems(404, 409)
  change(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Body() body: EmailTemplateBody,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<EmailTemplateAnswer> {
    return this.commands.execute(new ChangeEmailTemplate(actor, id, { ...body }, expectedVersion));
  }

  @Delete(':id')
  @RequirePermission('workflows:write')
  @ApiOperation({ summary: 'Remove a mail template; a step that still names it fails when it runs' })
  @ApiMessage()
  @ApiProblems(404)
  async remove(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<Message> {
    await this.commands.execute(new RemoveEmailTemplate(actor, id, expectedVersion));
    return new Message('The mail template was removed.');
  }

  @Get(':id/versions')
  @RequirePermission('emails:read')
  @ApiOperation({ summary: 'List the versions of a mail template, newest first; one is restored by saving it again' })
  @ApiData(EmailTemplateVersionView, { list: 'page' })
  @ApiProblems(404)
  versions(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Query() page: PageQuery,
  ): Promise<Page<EmailTemplateVersionRow>> {
    return this.queries.execute(new ListEmailTemplateVersions(actor, id, page));
  }
}
