import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, RequirePermission } from '../../platform/http/decorators.js';
import { IdParameters } from '../../platform/http/page-query.js';
import {
  checkTestBody,
  ExecutionHistoryQuery,
  ListExecutionsQuery,
  RecordedExecutionAnswer,
  RuleExecutionAnswer,
  RuleTestAnswer,
  testSchema,
} from './decisions.dto.js';
import { OperationMetrics } from './operation-metrics.js';
import type { ExecutionView } from './execution-view.js';
import { ExecutionHistory, type RuleExecution } from './queries/execution-history.js';
import { GetExecution } from './queries/get-execution.js';
import { ListExecutions } from './queries/list-executions.js';
import { type RuleTest, TestRule } from './queries/test-rule.js';

const TEST = 'rules.test';
const HIDDEN =
  'Values at sensitive and personal paths, and what they were written into, read `{"$encrypted": "masked"}`; in plain with audit:read-sensitive, and that they were read is recorded. `"erased"` stands there once the key was destroyed, `"unreadable"` when a value was changed or its key cannot be opened. Where such words stand, a key of the context’s own that is called `$encrypted` is written `$$encrypted`.';

@ApiTags('Decisions')
@Controller('business-rules')
export class ExecutionsController {
  constructor(
    private readonly queries: QueryBus,
    private readonly operations: OperationMetrics,
  ) {
    operations.register(TEST);
  }

  @Post(':id/test')
  @HttpCode(200)
  @ApiOperation({ summary: 'Tries the newest definition of a rule over a context; nothing is written' })
  @RequirePermission('rules:read')
  @ApiBody({ schema: testSchema as never })
  @ApiData(RuleTestAnswer)
  @ApiProblems(404)
  test(@CurrentActor() actor: Actor, @Param() { id }: IdParameters, @Body() body: unknown): Promise<RuleTest> {
    const query = new TestRule(actor, id, checkTestBody(body));
    return this.operations.measure(actor.organizationId, TEST, () => this.queries.execute(query));
  }

  @Get('execution-history')
  @ApiOperation({ summary: 'Lists what rules did in the latest decisions, one row a rule', description: HIDDEN })
  @RequirePermission('audit:read')
  @ApiData(RuleExecutionAnswer, { list: 'items' })
  history(@CurrentActor() actor: Actor, @Query() query: ExecutionHistoryQuery): Promise<readonly RuleExecution[]> {
    return this.queries.execute(new ExecutionHistory(actor, query.ruleId, query.limit));
  }

  @Get('executions')
  @ApiOperation({ summary: 'Lists recorded decisions, newest first', description: HIDDEN })
  @RequirePermission('audit:read')
  @ApiData(RecordedExecutionAnswer, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() query: ListExecutionsQuery): Promise<Page<ExecutionView>> {
    const { ruleId, entryPoint, subjectId, from, to, ...page } = query;
    return this.queries.execute(new ListExecutions(actor, { ruleId, entryPoint, subjectId, from, to }, page));
  }

  @Get('executions/:id')
  @ApiOperation({ summary: 'Gives one recorded decision whole', description: HIDDEN })
  @RequirePermission('audit:read')
  @ApiData(RecordedExecutionAnswer)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<ExecutionView> {
    return this.queries.execute(new GetExecution(actor, id));
  }
}
