import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, ExpectedVersion, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { Message } from '../../platform/http/envelope.js';
import { PageQuery } from '../../platform/http/page-query.js';
import { CreateFunction } from './commands/create-function.js';
import { PublishFunction } from './commands/publish-function.js';
import { RemoveFunction } from './commands/remove-function.js';
import { ReviseFunction } from './commands/revise-function.js';
import type { FunctionView } from './function-view.js';
import {
  CreateFunctionBody,
  definitionOf,
  FunctionAnswer,
  FunctionParameters,
  FunctionTestAnswer,
  FunctionVersionAnswer,
  ListFunctionsQuery,
  ReviseFunctionBody,
  TestFunctionBody,
} from './functions.dto.js';
import { GetFunction } from './queries/get-function.js';
import { type FunctionVersionView, ListFunctionVersions } from './queries/list-function-versions.js';
import { ListFunctions } from './queries/list-functions.js';
import { type FunctionTest, TestFunction } from './queries/test-function.js';

@ApiTags('Functions')
@Controller('rules/functions')
export class FunctionsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Lists functions with their newest versions, by name' })
  @RequirePermission('rules:read')
  @ApiData(FunctionAnswer, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() { search, ...page }: ListFunctionsQuery): Promise<Page<FunctionView>> {
    return this.queries.execute(new ListFunctions(actor, search, page));
  }

  @Post()
  @ApiOperation({ summary: 'Writes a function as a draft, or for rules to call at once' })
  @RequirePermission('rules:write')
  @Idempotent()
  @ApiData(FunctionAnswer, { status: 201 })
  create(@CurrentActor() actor: Actor, @Body() body: CreateFunctionBody): Promise<FunctionView> {
    return this.commands.execute(new CreateFunction(actor, body.name, definitionOf(body), body.publish));
  }

  @Get(':name')
  @ApiOperation({ summary: 'Gives one function with its newest version' })
  @RequirePermission('rules:read')
  @ApiData(FunctionAnswer)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { name }: FunctionParameters): Promise<FunctionView> {
    return this.queries.execute(new GetFunction(actor, name));
  }

  @Put(':name')
  @ApiOperation({ summary: 'Saves a new version; rules call the live one until the new one is published' })
  @RequirePermission('rules:write')
  @ApiData(FunctionAnswer)
  @ApiProblems(404)
  revise(
    @CurrentActor() actor: Actor,
    @Param() { name }: FunctionParameters,
    @Body() body: ReviseFunctionBody,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<FunctionView> {
    const options = { isPublished: body.publish, expectedVersion };
    return this.commands.execute(new ReviseFunction(actor, name, definitionOf(body), options));
  }

  @Delete(':name')
  @ApiOperation({ summary: 'Removes a function that no rule calls; recorded decisions keep its versions' })
  @RequirePermission('rules:write')
  @ApiMessage()
  @ApiProblems(404, 409)
  async remove(
    @CurrentActor() actor: Actor,
    @Param() { name }: FunctionParameters,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<Message> {
    await this.commands.execute(new RemoveFunction(actor, name, expectedVersion));
    return new Message('The function was removed.');
  }

  @Post(':name/publish')
  @ApiOperation({ summary: 'Lets every rule that calls the function call its newest version' })
  @HttpCode(200)
  @RequirePermission('rules:publish')
  @ApiData(FunctionAnswer)
  @ApiProblems(404)
  publish(
    @CurrentActor() actor: Actor,
    @Param() { name }: FunctionParameters,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<FunctionView> {
    return this.commands.execute(new PublishFunction(actor, name, expectedVersion));
  }

  @Post(':name/test')
  @ApiOperation({ summary: 'Calls the newest version, or another body, once; nothing is written' })
  @HttpCode(200)
  @RequirePermission('rules:read')
  @ApiData(FunctionTestAnswer)
  @ApiProblems(404)
  test(
    @CurrentActor() actor: Actor,
    @Param() { name }: FunctionParameters,
    @Body() body: TestFunctionBody,
  ): Promise<FunctionTest> {
    return this.queries.execute(new TestFunction(actor, name, { ...body }));
  }

  @Get(':name/versions')
  @ApiOperation({ summary: 'Lists the saved versions of a function, newest first' })
  @RequirePermission('rules:read')
  @ApiData(FunctionVersionAnswer, { list: 'page' })
  @ApiProblems(404)
  versions(
    @CurrentActor() actor: Actor,
    @Param() { name }: FunctionParameters,
    @Query() page: PageQuery,
  ): Promise<Page<FunctionVersionView>> {
    return this.queries.execute(new ListFunctionVersions(actor, name, page));
  }
}
