import { Controller, Delete, Get, Param, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, RequirePermission } from '../../platform/http/decorators.js';
import { Message } from '../../platform/http/envelope.js';
import { IdParameters, PageQuery } from '../../platform/http/page-query.js';
import { RevokeSession } from './commands/revoke-session.js';
import { ListSessions, type SessionRow } from './queries/list-sessions.js';
import { SessionView } from './sessions.dto.js';

@ApiTags('Sign-in')
@Controller('sessions')
export class SessionsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @RequirePermission('sessions:read')
  @ApiOperation({ summary: 'List your own sessions, newest first' })
  @ApiData(SessionView, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<SessionRow>> {
    return this.queries.execute(new ListSessions(actor, query));
  }

  @Delete(':id')
  @RequirePermission('sessions:write')
  @ApiOperation({ summary: 'End one of your own sessions' })
  @ApiMessage()
  @ApiProblems(404)
  async revoke(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<Message> {
    await this.commands.execute(new RevokeSession(actor, id, 'revoked'));
    return new Message('The session was ended.');
  }
}
