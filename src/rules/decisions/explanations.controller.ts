import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, RequirePermission } from '../../platform/http/decorators.js';
import { IdParameters } from '../../platform/http/page-query.js';
import { ExplainQuery, ExplanationAnswer, ReplayAnswer } from './explanations.dto.js';
import { type ExecutionExplanation, ExplainExecution } from './queries/explain-execution.js';
import { type ExecutionReplay, ReplayExecution } from './queries/replay-execution.js';

@ApiTags('Decisions')
@Controller('business-rules/executions')
export class ExplanationsController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':id/explain')
  @ApiOperation({
    summary: 'Tells why each rule of a recorded decision matched or not, and what would have made it match',
  })
  @RequirePermission('audit:read')
  @ApiData(ExplanationAnswer)
  @ApiProblems(404)
  explain(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Query() { ruleId, page, limit }: ExplainQuery,
  ): Promise<ExecutionExplanation> {
    return this.queries.execute(new ExplainExecution(actor, id, { ruleId, page, limit }));
  }

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Takes a recorded decision again, by its rules of that time, and compares byte by byte' })
  @RequirePermission('audit:read')
  @ApiData(ReplayAnswer)
  @ApiProblems(404)
  replay(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<ExecutionReplay> {
    return this.queries.execute(new ReplayExecution(actor, id));
  }
}
