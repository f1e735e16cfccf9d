import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { Message } from '../../platform/http/envelope.js';
import { IdParameters } from '../../platform/http/page-query.js';
import { RemoveWebhook } from './commands/remove-webhook.js';
import { SetUpWebhook, type WebhookAccess } from './commands/set-up-webhook.js';
import type { Firing } from './firing.js';
import { GetSchedule, type ScheduleDetails } from './queries/get-schedule.js';
import { GetWebhook, type WebhookDetails } from './queries/get-webhook.js';
import { PreviewSchedule } from './queries/preview-schedule.js';
import {
  InboundWebhookAccessView,
  InboundWebhookView,
  SchedulePreviewBody,
  SchedulePreviewView,
  WorkflowScheduleView,
} from './triggers.dto.js';

/** What starts a workflow by itself: its schedule, its secret URL. */
@ApiTags('Workflows')
@Controller('workflows')
export class TriggersController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('schedule-preview')
  @HttpCode(200)
  @RequirePermission('workflows:read')
  @ApiOperation({ summary: 'Tell when a schedule would fire; saves nothing' })
  @ApiData(SchedulePreviewView)
  preview(
    @CurrentActor() actor: Actor,
    @Body() { count, ...schedule }: SchedulePreviewBody,
  ): Promise<{ readonly firings: readonly Firing[] }> {
    return this.queries.execute(new PreviewSchedule(actor, schedule, count));
  }

  @Get(':id/schedule')
  @RequirePermission('workflows:read')
  @ApiOperation({ summary: 'Get the schedule of a workflow with its next firings' })
  @ApiData(WorkflowScheduleView)
  @ApiProblems(404)
  schedule(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<ScheduleDetails> {
    return this.queries.execute(new GetSchedule(actor, id));
  }

  @Get(':id/webhook')
  @RequirePermission('workflows:read')
  @ApiOperation({ summary: 'Get the webhook of a workflow, without its secrets' })
  @ApiData(InboundWebhookView)
  @ApiProblems(404)
  webhook(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<WebhookDetails> {
    return this.queries.execute(new GetWebhook(actor, id));
  }

  @Post(':id/webhook')
  @Idempotent()
  @RequirePermission('workflows:write')
  @ApiOperation({
    summary: 'Give a workflow a secret URL and a secret, shown only in this answer; those before count no more',
  })
  @ApiData(InboundWebhookAccessView, { status: 201 })
  @ApiProblems(404)
  setUpWebhook(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<WebhookAccess> {
    return this.commands.execute(new SetUpWebhook(actor, id));
  }

  @Delete(':id/webhook')
  @RequirePermission('workflows:write')
  @ApiOperation({ summary: 'Take the secret URL of a workflow away' })
  @ApiMessage()
  @ApiProblems(404)
  async removeWebhook(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<Message> {
    await this.commands.execute(new RemoveWebhook(actor, id));
    return new Message('The webhook was removed.');
  }
}
