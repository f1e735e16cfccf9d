import { Body, Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBody, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import { ApiData, ApiProblems } from '../../platform/http/api-answers.js';
import { JsonBodyLimit, KeptBodyBytes, Public } from '../../platform/http/decorators.js';
import { RateLimits } from '../../platform/http/rate-limits.js';
import { trailOf } from '../../platform/http/request-headers.js';
import type { StartedExecution } from '../executions/commands/execute-workflow.js';
import { StartedWorkflowExecutionView } from '../executions/workflow-executions.dto.js';
import { ReceiveWebhook } from './commands/receive-webhook.js';
import { HookParameters } from './triggers.dto.js';

const BODY_LIMIT = 256 * 1024;

const header = (name: string, description: string, example: string) => ({ name, description, example, required: true });

/** Takes signed requests from outside; who knows URL and secret needs no session. */
@ApiTags('Workflows')
@Controller('workflows/hooks')
export class HooksController {
  constructor(
    private readonly commands: CommandBus,
    @Inject(RateLimits) private readonly rateLimits: RateLimits,
  ) {}

  @Post(':token')
  @Public()
  @HttpCode(202)
  @JsonBodyLimit(BODY_LIMIT)
  @KeptBodyBytes()
  @ApiOperation({
    summary: 'Start the workflow that this secret URL belongs to; signed after Standard Webhooks, taken once',
  })
  @ApiHeader(header('webhook-id', 'Names the message; one of the same id is taken once', 'msg_2KWPBgLlAfxdpx2A'))
  @ApiHeader(header('webhook-timestamp', 'When it was sent, in whole seconds since 1970', '1795640400'))
  @ApiHeader(header('webhook-signature', 'v1 and the HMAC-SHA256 of id.timestamp.body', 'v1,K5oZfzN95Z9UVu1EsfQm'))
  @ApiBody({ schema: { type: 'object', additionalProperties: true, examples: [{ order: { id: 'A-1042' } }] } as never })
  @ApiData(StartedWorkflowExecutionView, { status: 202 })
  @ApiProblems(401, 404, 409)
  async receive(
    @Param() { token }: HookParameters,
    @Body() content: object,
    @Req() request: FastifyRequest,
  ): Promise<StartedExecution> {
    await this.rateLimits.consume('actor', token);
    const body = request.bodyBytes ?? Buffer.alloc(0);
    const received = { ...signatureOf(request), token, body, content: content as JsonObject };
    return this.commands.execute(new ReceiveWebhook(trailOf(request), received));
  }
}

/** @throws unauthenticated `webhook-not-signed` when one of the headers is missing or has not its form */
function signatureOf({ headers }: FastifyRequest): { id: string; timestamp: string; signatures: string } {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (isText(id, 255) && isText(timestamp, 12) && isText(signatures, 4_096)) return { id, timestamp, signatures };
  const message = 'Send webhook-id, webhook-timestamp and webhook-signature as Standard Webhooks says.';
  throw new DomainError('unauthenticated', 'webhook-not-signed', message);
}

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length <= most && /^[\x20-\x7e]+$/.test(value);
