import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, ExpectedVersion, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { IdParameters } from '../../platform/http/page-query.js';
import { RollBackBody, RuleAnswer, RuleDiffAnswer, RuleDiffQuery } from './business-rules.dto.js';
import { RollBackRule } from './commands/roll-back-rule.js';
import { DiffRuleVersions, type RuleDiff } from './queries/diff-rule-versions.js';
import type { RuleView } from './rule-view.js';

/** What was before: differences between versions, and the way back. */
@ApiTags('Business rules')
@Controller('business-rules')
export class RuleHistoryController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get(':id/diff')
  @ApiOperation({ summary: 'Tells what makes one version of another; by default the newest of the live one' })
  @RequirePermission('rules:read')
  @ApiData(RuleDiffAnswer)
  @ApiProblems(404, 422)
  diff(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Query() { from, to }: RuleDiffQuery,
  ): Promise<RuleDiff> {
    return this.queries.execute(new DiffRuleVersions(actor, id, { from, to }));
  }

  @Post(':id/rollback')
  @ApiOperation({ summary: 'Saves an earlier version again, as a new one that is equal to it' })
  @HttpCode(200)
  @RequirePermission('rules:write')
  @Idempotent()
  @ApiData(RuleAnswer)
  @ApiProblems(404)
  rollBack(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Body() { version, publish }: RollBackBody,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<RuleView> {
    return this.commands.execute(new RollBackRule(actor, id, version, { isPublished: publish, expectedVersion }));
  }
}
