import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '../../kernel/json.js';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { IdParameters } from '../../platform/http/page-query.js';
import { ExecuteWorkflow, type StartedExecution } from './commands/execute-workflow.js';
import {
  ExecuteWorkflowBody,
  WorkflowExecutionsQuery,
  WorkflowExecutionSummaryView,
  WorkflowExecutionView,
  StartedWorkflowExecutionView,
} from './workflow-executions.dto.js';
import { type ExecutionDetails, GetExecution } from './queries/get-execution.js';
import { type ExecutionSummary, ListExecutions } from './queries/list-executions.js';

/** To be registered before the workflows' own controller, whose `:id` would take `executions`. */
@ApiTags('Workflows')
@Controller('workflows')
export class WorkflowExecutionsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('executions')
  @RequirePermission('workflows:read')
  @ApiOperation({ summary: 'List the executions, newest first' })
  @ApiData(WorkflowExecutionSummaryView, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() query: WorkflowExecutionsQuery): Promise<Page<ExecutionSummary>> {
    return this.queries.execute(new ListExecutions(actor, query, query));
  }

  @Get('executions/:id')
  @RequirePermission('workflows:read')
  @ApiOperation({ summary: 'Get one execution with its log' })
  @ApiData(WorkflowExecutionView)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<ExecutionDetails> {
    return this.queries.execute(new GetExecution(actor, id));
  }

  @Post(':id/execute')
  @HttpCode(202)
  @Idempotent()
  @RequirePermission('workflows:execute')
  @ApiOperation({ summary: 'Start an execution of the newest version' })
  @ApiData(StartedWorkflowExecutionView, { status: 202 })
  @ApiProblems(404)
  execute(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Body() { variables = {} }: ExecuteWorkflowBody,
  ): Promise<StartedExecution> {
    return this.commands.execute(new ExecuteWorkflow(actor, id, variables as JsonObject));
  }
}
