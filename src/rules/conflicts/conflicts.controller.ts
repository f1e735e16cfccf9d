import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, RequirePermission } from '../../platform/http/decorators.js';
import { conflictsAnswer, ConflictsAnswer, ConflictsQuery } from './conflicts.dto.js';
import { FindRuleConflicts } from './queries/find-rule-conflicts.js';

@ApiTags('Business rules')
@Controller('business-rules')
export class ConflictsController {
  constructor(private readonly queries: QueryBus) {}

  @Get('conflicts')
  @ApiOperation({
    summary: 'Finds what is hardly meant among the live rules of an entry point',
    description:
      'Conditions that never or always hold, rules that are never reached, and rules that contradict each other, each ' +
      'with a context over which the engine shows it. What cannot be decided is said. Answers are kept by revision.',
  })
  @RequirePermission('rules:read')
  @ApiData(ConflictsAnswer)
  @ApiProblems(404, 503)
  async find(@CurrentActor() actor: Actor, @Query() { entryPoint, limit }: ConflictsQuery): Promise<ConflictsAnswer> {
    return conflictsAnswer(await this.queries.execute(new FindRuleConflicts(actor, entryPoint)), limit);
  }
}
