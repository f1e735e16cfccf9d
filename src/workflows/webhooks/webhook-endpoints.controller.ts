import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, ExpectedVersion, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { Message } from '../../platform/http/envelope.js';
import { IdParameters, PageQuery } from '../../platform/http/page-query.js';
import { ChangeWebhookEndpoint } from './commands/change-webhook-endpoint.js';
import { CreateWebhookEndpoint } from './commands/create-webhook-endpoint.js';
import { RemoveWebhookEndpoint } from './commands/remove-webhook-endpoint.js';
import { RotateWebhookSecret } from './commands/rotate-webhook-secret.js';
import { TestWebhookEndpoint } from './commands/test-webhook-endpoint.js';
import { GetWebhookEndpoint } from './queries/get-webhook-endpoint.js';
import { ListWebhookEndpoints } from './queries/list-webhook-endpoints.js';
import { RequestedWebhookView } from './webhook-deliveries.dto.js';
import type { WebhookEndpointAnswer, WebhookEndpointWithSecret } from './webhook-endpoint-rows.js';
import {
  authoredEndpoint,
  CreateWebhookEndpointBody,
  RotateWebhookSecretBody,
  WebhookEndpointBody,
  WebhookEndpointView,
  WebhookEndpointWithSecretView,
} from './webhook-endpoints.dto.js';
import type { AttemptPlace } from './webhook-outbox.js';

@ApiTags('Webhooks')
@Controller('webhook-endpoints')
export class WebhookEndpointsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @RequirePermission('webhooks:read')
  @ApiOperation({ summary: 'List the webhook endpoints, newest first' })
  @ApiData(WebhookEndpointView, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() page: PageQuery): Promise<Page<WebhookEndpointAnswer>> {
    return this.queries.execute(new ListWebhookEndpoints(actor, page));
  }

  @Post()
  @Idempotent()
  @RequirePermission('webhooks:write')
  @ApiOperation({ summary: 'Create a webhook endpoint; its secret is shown only in this answer' })
  @ApiData(WebhookEndpointWithSecretView, { status: 201 })
  create(@CurrentActor() actor: Actor, @Body() body: CreateWebhookEndpointBody): Promise<WebhookEndpointWithSecret> {
    return this.commands.execute(new CreateWebhookEndpoint(actor, authoredEndpoint(body), body.secret));
  }

  @Get(':id')
  @RequirePermission('webhooks:read')
  @ApiOperation({ summary: 'Get one webhook endpoint' })
  @ApiData(WebhookEndpointView)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<WebhookEndpointAnswer> {
    return this.queries.execute(new GetWebhookEndpoint(actor, id));
  }

  @Put(':id')
  @RequirePermission('webhooks:write')
  @ApiOperation({ summary: 'Change a webhook endpoint, all but its secret; attempts from now on go by it' })
  @ApiData(WebhookEndpointView)
  @ApiProblems(404, 409)
  change(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Body() body: WebhookEndpointBody,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<WebhookEndpointAnswer> {
    return this.commands.execute(new ChangeWebhookEndpoint(actor, id, authoredEndpoint(body), expectedVersion));
  }

  @Delete(':id')
  @RequirePermission('webhooks:write')
  @ApiOperation({ summary: 'Remove a webhook endpoint and its secret; a step that still names it fails when it runs' })
  @ApiMessage()
  @ApiProblems(404)
  async remove(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<Message> {
    await this.commands.execute(new RemoveWebhookEndpoint(actor, id, expectedVersion));
    return new Message('The webhook endpoint was removed.');
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @Idempotent()
  @RequirePermission('webhooks:write')
  @ApiOperation({ summary: 'Change the secret, shown only in this answer; the one before signs too for 24 hours' })
  @ApiData(WebhookEndpointWithSecretView)
  @ApiProblems(404)
  rotate(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Body() { secret }: RotateWebhookSecretBody,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<WebhookEndpointWithSecret> {
    return this.commands.execute(new RotateWebhookSecret(actor, id, secret, expectedVersion));
  }

  @Post(':id/test')
  @HttpCode(202)
  @Idempotent()
  @RequirePermission('webhooks:write')
  @ApiOperation({ summary: 'Send a webhook of the type webhook.test' })
  @ApiData(RequestedWebhookView, { status: 202 })
  @ApiProblems(404)
  test(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<AttemptPlace> {
    return this.commands.execute(new TestWebhookEndpoint(actor, id));
  }
}
