import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonValue } from '../../kernel/json.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, RequirePermission } from '../../platform/http/decorators.js';
import { EntryPoints } from '../entry-points/entry-points.js';
import { ExecuteRules, type ExecutionRequest } from './commands/execute-rules.js';
import type { DecisionRecord } from './decision-record.js';
import {
  checkEvaluateBody,
  checkExecuteBody,
  EvaluateAnswer,
  evaluateSchema,
  type ExecuteBody,
  executeSchema,
  ExecutionAnswer,
} from './decisions.dto.js';
import { TraceState } from '../engine/trace.js';
import { EvaluateLogic } from './queries/evaluate-logic.js';

@ApiTags('Decisions')
@Controller('rules/engine')
export class EngineController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly entryPoints: EntryPoints,
  ) {}

  @Post('execute')
  @HttpCode(200)
  @ApiOperation({ summary: 'Takes a decision and records it before answering' })
  @RequirePermission('rules:execute')
  @ApiBody({ schema: executeSchema as never })
  @ApiData(ExecutionAnswer)
  @ApiProblems(404, 409)
  async execute(@CurrentActor() actor: Actor, @Body() body: unknown): Promise<ExecutionAnswer> {
    const checked = checkExecuteBody(body);
    const { correlationId } = checked;
    const request = await this.requestOf(actor, checked);
    const onTrail = correlationId === undefined ? actor : { ...actor, correlationId };
    return answerOf(await this.commands.execute(new ExecuteRules(onTrail, request)), request.isDryRun);
  }

  @Post('evaluate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Evaluates plain JSONLogic over plain data, for authors' })
  @RequirePermission('rules:execute')
  @ApiBody({ schema: evaluateSchema as never })
  @ApiData(EvaluateAnswer)
  evaluate(@CurrentActor() actor: Actor, @Body() body: unknown): Promise<{ result: JsonValue }> {
    const { logic, data = null } = checkEvaluateBody(body);
    return this.queries.execute(new EvaluateLogic(actor, logic, data));
  }

  private async requestOf(actor: Actor, body: ExecuteBody): Promise<ExecutionRequest> {
    const { entryPoint, context = {}, subject, entity, entityId, data, dryRun = false } = body;
    if (entity === undefined) return { entryPoint: entryPoint!, context, subject, isDryRun: dryRun };
    const name = await this.entryPoints.nameOfEntity(actor.organizationId, entity);
    const aliased = entityId === undefined ? undefined : { type: entity, id: entityId };
    return { entryPoint: name, context: data!, subject: aliased, isDryRun: dryRun };
  }
}

const answerOf = (record: DecisionRecord, isDryRun: boolean): ExecutionAnswer => ({
  executionId: record.executionId,
  outcome: record.outcome,
  executedRules: record.candidates.filter(([, , state]) => state === TraceState.True).map(([ruleId]) => ruleId),
  actions: record.effects,
  errors: record.errors,
  acknowledgments: [],
  blocked: record.blocked,
  recorded: !isDryRun,
  timings: { decisionMs: record.durationUs / 1000 },
});
