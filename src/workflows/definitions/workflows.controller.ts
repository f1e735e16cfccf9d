import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Violation } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, ExpectedVersion, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { Message } from '../../platform/http/envelope.js';
import { IdParameters, PageQuery } from '../../platform/http/page-query.js';
import { ArchiveWorkflow } from './commands/archive-workflow.js';
import { CreateWorkflow, type WorkflowInput } from './commands/create-workflow.js';
import { ReviseWorkflow } from './commands/revise-workflow.js';
import { DefinitionCheck } from './definition-check.js';
import { GetWorkflow } from './queries/get-workflow.js';
import { type WorkflowVersionRow, ListWorkflowVersions } from './queries/list-workflow-versions.js';
import { ListWorkflows } from './queries/list-workflows.js';
import type { WorkflowAnswer } from './workflow-answer.js';
import { ValidationView, WorkflowBody, WorkflowsQuery, WorkflowVersionView, WorkflowView } from './workflows.dto.js';

@ApiTags('Workflows')
@Controller('workflows')
export class WorkflowsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    @Inject(DefinitionCheck) private readonly check: DefinitionCheck,
  ) {}

  @Get()
  @RequirePermission('workflows:read')
  @ApiOperation({ summary: 'List the workflows, newest first' })
  @ApiData(WorkflowView, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() query: WorkflowsQuery): Promise<Page<WorkflowAnswer>> {
    return this.queries.execute(new ListWorkflows(actor, query, query.enabled));
  }

  @Post()
  @Idempotent()
  @RequirePermission('workflows:write')
  @ApiOperation({ summary: 'Create a workflow' })
  @ApiData(WorkflowView, { status: 201 })
  create(@CurrentActor() actor: Actor, @Body() body: WorkflowBody): Promise<WorkflowAnswer> {
    return this.commands.execute(new CreateWorkflow(actor, inputOf(body)));
  }

  @Get(':id')
  @RequirePermission('workflows:read')
  @ApiOperation({ summary: 'Get one workflow with its newest definition' })
  @ApiData(WorkflowView)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<WorkflowAnswer> {
    return this.queries.execute(new GetWorkflow(actor, id));
  }

  @Put(':id')
  @RequirePermission('workflows:write')
  @ApiOperation({ summary: 'Save a new version of a workflow; running executions finish on theirs' })
  @ApiData(WorkflowView)
  @ApiProblems(404, 409)
  revise(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Body() body: WorkflowBody,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<WorkflowAnswer> {
    return this.commands.execute(new ReviseWorkflow(actor, id, inputOf(body), expectedVersion));
  }

  @Delete(':id')
  @RequirePermission('workflows:write')
  @ApiOperation({ summary: 'Archive a workflow; nothing new starts, running executions go on' })
  @ApiMessage()
  @ApiProblems(404)
  async archive(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<Message> {
    await this.commands.execute(new ArchiveWorkflow(actor, id, expectedVersion));
    return new Message('The workflow was archived.');
  }

  @Get(':id/versions')
  @RequirePermission('workflows:read')
  @ApiOperation({ summary: 'List the versions of a workflow, newest first' })
  @ApiData(WorkflowVersionView, { list: 'page' })
  @ApiProblems(404)
  versions(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Query() page: PageQuery,
  ): Promise<Page<WorkflowVersionRow>> {
    return this.queries.execute(new ListWorkflowVersions(actor, id, page));
  }

  @Post(':id/validate')
  @HttpCode(200)
  @RequirePermission('workflows:write')
  @ApiOperation({ summary: 'Tell what keeps a definition from being saved as the next version; saves nothing' })
  @ApiData(ValidationView)
  @ApiProblems(404)
  async validate(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Body() body: WorkflowBody,
  ): Promise<{ valid: boolean; errors: readonly Violation[] }> {
    await this.queries.execute(new GetWorkflow(actor, id));
    const errors = this.check.violations(inputOf(body).definition);
    return { valid: errors.length === 0, errors };
  }
}

const inputOf = ({ enabled, ...definition }: WorkflowBody): WorkflowInput => ({
  enabled,
  definition: { ...definition } as unknown as JsonObject,
});
