import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { IdParameters } from '../../platform/http/page-query.js';
import { RedeliverWebhook } from './commands/redeliver-webhook.js';
import { GetWebhookDelivery, type WebhookDeliveryDetails } from './queries/get-webhook-delivery.js';
import { ListWebhookDeliveries, type WebhookDeliverySummary } from './queries/list-webhook-deliveries.js';
import {
  RequestedWebhookView,
  WebhookDeliveriesQuery,
  WebhookDeliverySummaryView,
  WebhookDeliveryView,
} from './webhook-deliveries.dto.js';
import type { AttemptPlace } from './webhook-outbox.js';

@ApiTags('Webhooks')
@Controller('webhook-deliveries')
export class WebhookDeliveriesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @RequirePermission('webhooks:read')
  @ApiOperation({ summary: 'List the webhooks that were sent, newest first, with what became of each' })
  @ApiData(WebhookDeliverySummaryView, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() query: WebhookDeliveriesQuery): Promise<Page<WebhookDeliverySummary>> {
    return this.queries.execute(new ListWebhookDeliveries(actor, query, query));
  }

  @Get(':id')
  @RequirePermission('webhooks:read')
  @ApiOperation({ summary: 'Get one webhook with its body and its attempts' })
  @ApiData(WebhookDeliveryView)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<WebhookDeliveryDetails> {
    return this.queries.execute(new GetWebhookDelivery(actor, id));
  }

  @Post(':id/redeliver')
  @HttpCode(202)
  @Idempotent()
  @RequirePermission('webhooks:write')
  @ApiOperation({ summary: 'Send a webhook again: the same id and body under a new time and signature' })
  @ApiData(RequestedWebhookView, { status: 202 })
  @ApiProblems(404)
  redeliver(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<AttemptPlace> {
    return this.commands.execute(new RedeliverWebhook(actor, id));
  }
}
