import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { Message } from '../../platform/http/envelope.js';
import { IdParameters, PageQuery } from '../../platform/http/page-query.js';
import { ApiKeyView, CreateApiKeyBody, CreatedApiKeyView } from './api-keys.dto.js';
import { CreateApiKey, type CreatedApiKey } from './commands/create-api-key.js';
import { RevokeApiKey } from './commands/revoke-api-key.js';
import { GetApiKey } from './queries/get-api-key.js';
import { type ApiKeyRow, ListApiKeys } from './queries/list-api-keys.js';

@ApiTags('API keys')
@Controller('api-keys')
export class ApiKeysController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @RequirePermission('api-keys:read')
  @ApiOperation({ summary: 'List the API keys of the organization, newest first' })
  @ApiData(ApiKeyView, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<ApiKeyRow>> {
    return this.queries.execute(new ListApiKeys(actor, query));
  }

  @Get(':id')
  @RequirePermission('api-keys:read')
  @ApiOperation({ summary: 'Get one API key' })
  @ApiData(ApiKeyView)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<ApiKeyRow> {
    return this.queries.execute(new GetApiKey(actor, id));
  }

  @Post()
  @Idempotent()
  @RequirePermission('api-keys:write')
  @ApiOperation({ summary: 'Create an API key; its token is shown only in this answer' })
  @ApiData(CreatedApiKeyView, { status: 201 })
  create(@CurrentActor() actor: Actor, @Body() body: CreateApiKeyBody): Promise<CreatedApiKey> {
    return this.commands.execute(new CreateApiKey(actor, body));
  }

  @Delete(':id')
  @RequirePermission('api-keys:write')
  @ApiOperation({ summary: 'Revoke an API key for ever' })
  @ApiMessage()
  @ApiProblems(404)
  async revoke(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<Message> {
    await this.commands.execute(new RevokeApiKey(actor, id));
    return new Message('The API key was revoked.');
  }
}
