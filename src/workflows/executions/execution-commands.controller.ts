import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonValue } from '../../kernel/json.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiMessage, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { Message } from '../../platform/http/envelope.js';
import { IdParameters } from '../../platform/http/page-query.js';
import { CancelExecution } from './commands/cancel-execution.js';
import { ResumeStep } from './commands/resume-step.js';
import { RetryExecution } from './commands/retry-execution.js';
import { CancelExecutionBody, ResumeStepBody } from './workflow-executions.dto.js';

/** What people do to executions that run. To be registered before the workflows' own controller. */
@ApiTags('Workflows')
@Controller('workflows/executions')
export class ExecutionCommandsController {
  constructor(private readonly commands: CommandBus) {}

  @Post(':id/resume')
  @HttpCode(200)
  @Idempotent()
  @RequirePermission('workflows:execute')
  @ApiOperation({ summary: 'Bring what a step waits for: the result of a human task, or what stands for an event' })
  @ApiMessage()
  @ApiProblems(404, 409)
  async resume(
    @CurrentActor() actor: Actor,
    @Param() { id: executionId }: IdParameters,
    @Body() { stepId, scope, result }: ResumeStepBody,
  ): Promise<Message> {
    await this.commands.execute(new ResumeStep(actor, { executionId, stepId, scope }, result as JsonValue));
    return new Message('The step has its result; the execution goes on.');
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Idempotent()
  @RequirePermission('workflows:execute')
  @ApiOperation({ summary: 'Stop an execution: what waits is cancelled, a step that runs ends first' })
  @ApiMessage()
  @ApiProblems(404)
  async cancel(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Body() { compensate }: CancelExecutionBody,
  ): Promise<Message> {
    await this.commands.execute(new CancelExecution(actor, id, compensate));
    return new Message('The execution is cancelled, or will be when its running steps have ended.');
  }

  @Post(':id/retry')
  @HttpCode(200)
  @Idempotent()
  @RequirePermission('workflows:execute')
  @ApiOperation({ summary: 'Let a failed execution go on from what failed and from what that interrupted' })
  @ApiMessage()
  @ApiProblems(404, 409)
  async retry(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<Message> {
    await this.commands.execute(new RetryExecution(actor, id));
    return new Message('The execution goes on.');
  }
}
