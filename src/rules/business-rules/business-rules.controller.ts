import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, ExpectedVersion, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { Message } from '../../platform/http/envelope.js';
import { IdParameters, PageQuery } from '../../platform/http/page-query.js';
import {
  CreateRuleBody,
  definitionOf,
  ListRulesQuery,
  ReviseRuleBody,
  RuleAnswer,
  RuleVersionAnswer,
} from './business-rules.dto.js';
import { ChangeRuleForce } from './commands/change-rule-force.js';
import { CreateRule } from './commands/create-rule.js';
import { ReviseRule } from './commands/revise-rule.js';
import { GetRule } from './queries/get-rule.js';
import { ListRuleVersions, type RuleVersionView } from './queries/list-rule-versions.js';
import { ListRules } from './queries/list-rules.js';
import type { RuleView } from './rule-view.js';

@ApiTags('Business rules')
@Controller('business-rules')
export class BusinessRulesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Lists rules with their newest definitions' })
  @RequirePermission('rules:read')
  @ApiData(RuleAnswer, { list: 'page' })
  list(
    @CurrentActor() actor: Actor,
    @Query() { sort, entryPoint, entity, enabled, tag, search, ...page }: ListRulesQuery,
  ): Promise<Page<RuleView>> {
    return this.queries.execute(new ListRules(actor, { entryPoint, entity, enabled, tag, search }, sort, page));
  }

  @Post()
  @ApiOperation({ summary: 'Writes a rule as a draft, or in force at once' })
  @RequirePermission('rules:write')
  @Idempotent()
  @ApiData(RuleAnswer, { status: 201 })
  create(@CurrentActor() actor: Actor, @Body() body: CreateRuleBody): Promise<RuleView> {
    const { entryPoint, entity, publish = entity !== undefined } = body;
    return this.commands.execute(new CreateRule(actor, { entryPoint, entity }, definitionOf(body), publish));
  }

  @Get(':id')
  @ApiOperation({ summary: 'Gives one rule with its newest definition' })
  @RequirePermission('rules:read')
  @ApiData(RuleAnswer)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<RuleView> {
    return this.queries.execute(new GetRule(actor, id));
  }

  @Put(':id')
  @ApiOperation({ summary: 'Saves a new version; the live one goes on until the new one is published' })
  @RequirePermission('rules:write')
  @ApiData(RuleAnswer)
  @ApiProblems(404)
  revise(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Body() body: ReviseRuleBody,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<RuleView> {
    const options = { isPublished: body.publish, expectedVersion };
    return this.commands.execute(new ReviseRule(actor, id, definitionOf(body), options));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Takes a rule out of force and out of the lists; recorded decisions keep its versions' })
  @RequirePermission('rules:write')
  @ApiMessage()
  @ApiProblems(404)
  async archive(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<Message> {
    await this.commands.execute(new ChangeRuleForce(actor, id, 'archive', expectedVersion));
    return new Message('The rule was archived.');
  }

  @Post(':id/publish')
  @ApiOperation({ summary: 'Puts the newest version in force, everywhere within a second' })
  @HttpCode(200)
  @RequirePermission('rules:publish')
  @ApiData(RuleAnswer)
  @ApiProblems(404, 409)
  publish(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<RuleView> {
    return this.commands.execute(new ChangeRuleForce(actor, id, 'publish', expectedVersion));
  }

  @Post(':id/deactivate')
  @ApiOperation({ summary: 'Takes a rule out of force; publishing it again puts it back' })
  @HttpCode(200)
  @RequirePermission('rules:publish')
  @ApiData(RuleAnswer)
  @ApiProblems(404)
  deactivate(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<RuleView> {
    return this.commands.execute(new ChangeRuleForce(actor, id, 'deactivate', undefined));
  }

  @Get(':id/versions')
  @ApiOperation({ summary: 'Lists the saved definitions of a rule, newest first' })
  @RequirePermission('rules:read')
  @ApiData(RuleVersionAnswer, { list: 'page' })
  @ApiProblems(404)
  versions(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Query() page: PageQuery,
  ): Promise<Page<RuleVersionView>> {
    return this.queries.execute(new ListRuleVersions(actor, id, page));
  }
}
