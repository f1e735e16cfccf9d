import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData } from '../../platform/http/api-answers.js';
import { CurrentActor, RequirePermission } from '../../platform/http/decorators.js';
import { EmailsQuery, EmailView } from './emails.dto.js';
import { type EmailAnswer, ListEmails } from './queries/list-emails.js';

@ApiTags('Emails')
@Controller('emails')
export class EmailsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @RequirePermission('emails:read')
  @ApiOperation({ summary: 'List the mails that workflows sent, newest first, with what became of each' })
  @ApiData(EmailView, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() query: EmailsQuery): Promise<Page<EmailAnswer>> {
    return this.queries.execute(new ListEmails(actor, query, query));
  }
}
