import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { Message } from '../../platform/http/envelope.js';
import { IdParameters } from '../../platform/http/page-query.js';
import type { BacktestView } from './backtest-view.js';
import {
  BacktestAnswer,
  ListBacktestsQuery,
  scopeOf,
  StartBacktestBody,
  StartedBacktestAnswer,
} from './backtests.dto.js';
import { CancelBacktest } from './commands/cancel-backtest.js';
import { StartBacktest } from './commands/start-backtest.js';
import { GetBacktest } from './queries/get-backtest.js';
import { ListBacktests } from './queries/list-backtests.js';

@ApiTags('Back-tests of rules')
@Controller('business-rules')
export class BacktestsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('backtests')
  @RequirePermission('rules:read')
  @ApiOperation({ summary: 'Lists back-tests, newest first' })
  @ApiData(BacktestAnswer, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() { ruleId, ...page }: ListBacktestsQuery): Promise<Page<BacktestView>> {
    return this.queries.execute(new ListBacktests(actor, ruleId, page));
  }

  @Get('backtests/:id')
  @RequirePermission('rules:read')
  @ApiOperation({ summary: 'Gives one back-test with its progress and what it found so far' })
  @ApiData(BacktestAnswer)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<BacktestView> {
    return this.queries.execute(new GetBacktest(actor, id));
  }

  @Post('backtests/:id/cancel')
  @HttpCode(200)
  @RequirePermission('rules:write')
  @ApiOperation({ summary: 'Stops a back-test; what it found so far stays' })
  @ApiMessage()
  @ApiProblems(404, 409)
  async cancel(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<Message> {
    await this.commands.execute(new CancelBacktest(actor, id));
    return new Message('The back-test was cancelled.');
  }

  @Post(':id/backtest')
  @HttpCode(202)
  @Idempotent()
  @RequirePermission('rules:write')
  @ApiOperation({
    summary: 'Tries the newest definition of a rule over recorded decisions of its entry point',
    description:
      'Each recorded context and its facts are decided twice by today’s rules: as they are in force, and with the ' +
      'newest definition in place of the rule. So a back-test of what is in force changes nothing. It runs in the ' +
      'background and writes nothing but its result.',
  })
  @ApiData(StartedBacktestAnswer, { status: 202 })
  @ApiProblems(404)
  start(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Body() body: StartBacktestBody,
  ): Promise<{ readonly jobId: string }> {
    return this.commands.execute(new StartBacktest(actor, id, scopeOf(body)));
  }
}
