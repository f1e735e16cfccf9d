import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonValue } from '../../kernel/json.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, RequirePermission } from '../../platform/http/decorators.js';
import { EntryPoints } from '../entry-points/entry-points.js';
import { checkExecuteBatchBody, executeBatchSchema, ExecutionBatchAnswer } from './batch.dto.js';
import { ExecuteRules, type ExecutionRequest } from './commands/execute-rules.js';
import { ExecuteRulesBatch } from './commands/execute-rules-batch.js';
import { answerOf, batchAnswerOf } from './execution-answers.js';
import {
  checkEvaluateBody,
  checkExecuteBody,
  EvaluateAnswer,
  evaluateSchema,
  type ExecuteBody,
  executeSchema,
  ExecutionAnswer,
} from './decisions.dto.js';
import { OperationMetrics } from './operation-metrics.js';
import { EvaluateLogic } from './queries/evaluate-logic.js';

const OPERATIONS = ['execute', 'execute-batch', 'evaluate'] as const;
type Operation = (typeof OPERATIONS)[number];

@ApiTags('Decisions')
@Controller('rules/engine')
export class EngineController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly entryPoints: EntryPoints,
    private readonly operations: OperationMetrics,
  ) {
    for (const operation of OPERATIONS) operations.register(`rules.${operation}`);
  }

  @Post('execute')
  @HttpCode(200)
  @ApiOperation({ summary: 'Takes a decision and records it before answering' })
  @RequirePermission('rules:execute')
  @ApiBody({ schema: executeSchema as never })
  @ApiData(ExecutionAnswer)
  @ApiProblems(404, 409)
  // Request and reply as they are: of the hot route's time a twentieth went into handing their parts over one by one.
  async execute(@Req() { actor: caller, body }: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const actor = caller!;
    const checked = checkExecuteBody(body);
    const { correlationId } = checked;
    const request = checked.entity === undefined ? requestOf(checked) : await this.requestForEntity(actor, checked);
    const onTrail = correlationId === undefined ? actor : { ...actor, correlationId };
    const command = new ExecuteRules(onTrail, request);
    const record = await this.measured(actor, 'execute', () => this.commands.execute(command));
    void reply.send(answerOf(record, request.isDryRun));
  }

  @Post('execute-batch')
  @HttpCode(200)
  @ApiOperation({ summary: 'Takes up to 500 decisions; one that fails leaves the others as they are' })
  @RequirePermission('rules:execute')
  @ApiBody({ schema: executeBatchSchema as never })
  @ApiData(ExecutionBatchAnswer)
  @ApiProblems(404)
  async executeBatch(@CurrentActor() actor: Actor, @Body() body: unknown): Promise<ExecutionBatchAnswer> {
    const { entryPoint, contexts: items, dryRun: isDryRun = false } = checkExecuteBatchBody(body);
    const batch = new ExecuteRulesBatch(actor, { entryPoint, items, isDryRun });
    const results = await this.measured(actor, 'execute-batch', () => this.commands.execute(batch));
    return batchAnswerOf(results, { isDryRun, correlationId: actor.correlationId });
  }

  @Post('evaluate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Evaluates plain JSONLogic over plain data, for authors' })
  @RequirePermission('rules:execute')
  @ApiBody({ schema: evaluateSchema as never })
  @ApiData(EvaluateAnswer)
  evaluate(@CurrentActor() actor: Actor, @Body() body: unknown): Promise<{ result: JsonValue }> {
    const { logic, data = null } = checkEvaluateBody(body);
    const query = new EvaluateLogic(actor, logic, data);
    return this.measured(actor, 'evaluate', () => this.queries.execute(query));
  }

  private measured<T>({ organizationId }: Actor, operation: Operation, work: () => Promise<T>): Promise<T> {
    return this.operations.measure(organizationId, `rules.${operation}`, work);
  }

  private async requestForEntity({ organizationId }: Actor, body: ExecuteBody): Promise<ExecutionRequest> {
    const { entity, entityId, data, dryRun = false } = body;
    const name = await this.entryPoints.nameOfEntity(organizationId, entity!);
    const subject = entityId === undefined ? undefined : { type: entity!, id: entityId };
    return { entryPoint: name, context: data!, subject, isDryRun: dryRun };
  }
}

const requestOf = ({ entryPoint, context = {}, subject, dryRun = false }: ExecuteBody): ExecutionRequest => ({
  entryPoint: entryPoint!,
  context,
  subject,
  isDryRun: dryRun,
});
