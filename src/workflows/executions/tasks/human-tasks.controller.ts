import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonValue } from '../../../kernel/json.js';
import type { Page } from '../../../kernel/page.js';
import type { Actor } from '../../../platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../../platform/http/api-answers.js';
import { CurrentActor, Idempotent, RequirePermission } from '../../../platform/http/decorators.js';
import { Message } from '../../../platform/http/envelope.js';
import { IdParameters } from '../../../platform/http/page-query.js';
import { CompleteHumanTask } from './commands/complete-human-task.js';
import { CompleteHumanTaskBody, HumanTasksQuery, HumanTaskView } from './human-tasks.dto.js';
import { GetHumanTask } from './queries/get-human-task.js';
import type { HumanTaskAnswer } from './queries/human-task-answer.js';
import { ListHumanTasks } from './queries/list-human-tasks.js';

/** To be registered before the workflows' own controller, whose `:id` would take `tasks`. */
@ApiTags('Human tasks')
@Controller('workflows/tasks')
export class HumanTasksController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @RequirePermission('workflows:read')
  @ApiOperation({ summary: 'List the tasks that workflows gave to people, newest first' })
  @ApiData(HumanTaskView, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() query: HumanTasksQuery): Promise<Page<HumanTaskAnswer>> {
    return this.queries.execute(new ListHumanTasks(actor, query, query));
  }

  @Get(':id')
  @RequirePermission('workflows:read')
  @ApiOperation({ summary: 'Get one task with its form' })
  @ApiData(HumanTaskView)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<HumanTaskAnswer> {
    return this.queries.execute(new GetHumanTask(actor, id));
  }

  @Post(':id/complete')
  @HttpCode(200)
  @Idempotent()
  @RequirePermission('workflows:execute')
  @ApiOperation({
    summary: 'Bring the result of a task: by its assignee, a holder of its role, or who may write workflows',
  })
  @ApiMessage()
  @ApiProblems(404, 409)
  async complete(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Body() { result }: CompleteHumanTaskBody,
  ): Promise<Message> {
    await this.commands.execute(new CompleteHumanTask(actor, id, result as JsonValue));
    return new Message('The task is completed; its workflow goes on.');
  }
}
