import type { Readable } from 'node:stream';
import { Controller, Get, Header, Param, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblems } from '../../platform/http/api-answers.js';
import { EventStream, RequirePermission } from '../../platform/http/decorators.js';
import { IdParameters } from '../../platform/http/page-query.js';
import { ExecutionEventsQuery } from './execution-events.dto.js';
import { ExecutionFollowers } from './execution-followers.js';

const EXAMPLE = `retry: 2000

id: 2.0
event: workflows.step-completed
data: {"id":"0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44","type":"workflows.step-completed","streamVersion":2,"ordinal":0,…}

event: end
data: {"status":"completed"}

`;

/** To be registered before the workflows' own controller, whose `:id` would take `executions`. */
@ApiTags('Workflows')
@Controller('workflows')
export class ExecutionEventsController {
  constructor(private readonly followers: ExecutionFollowers) {}

  @Get('executions/:id/events')
  @EventStream()
  @Header('Content-Type', 'text/event-stream; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('X-Accel-Buffering', 'no')
  @RequirePermission('workflows:read')
  @ApiOperation({
    summary: 'Follow one execution live, as Server-Sent Events',
    description:
      'Every transition so far and from now on, once and in order; each with its place as `id`, its type as `event`, and the event as in the audit trail as `data`. A comment comes every 15 seconds. After the last transition comes an event `end` with `{status}`, and the stream ends: close it then. It also ends when the credential is no longer good or the permission is gone; come back with `Last-Event-ID` to go on without a gap.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    description: 'Goes on after this event',
    required: false,
    schema: { type: 'string', pattern: String.raw`^\d{1,10}\.\d{1,5}$` },
    example: '3.0',
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ description: 'The events (WHATWG HTML, 9.2).', schema: { type: 'string', example: EXAMPLE } })
  @ApiProblems(404, 429, 503)
  follow(
    @Param() { id }: IdParameters,
    @Query() { lastEventId }: ExecutionEventsQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable | string> {
    return this.followers.follow({ executionId: id, lastEventId, request, response: reply.raw });
  }
}
