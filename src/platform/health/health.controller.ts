import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiResponse } from '@nestjs/swagger';
import type { HealthCheckResult } from '@nestjs/terminus';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Bare, Public } from '../http/decorators.js';
import { HealthChecks } from './health-checks.js';

/** What a probe learns. */
export class HealthAnswer {
  @ApiProperty({ description: 'Whether it works', enum: ['ok', 'error', 'shutting_down'], example: 'ok' })
  readonly status!: string;

  @ApiProperty({
    description: 'Each part, `up` or `down`; with the permission ops:read, on /health, its details too',
    type: 'object',
    additionalProperties: true,
    example: { database: 'up', queue: 'up' },
  })
  readonly checks!: Readonly<Record<string, unknown>>;
}

const healthy = ApiOkResponse({ type: HealthAnswer, description: 'It works.' });
const unhealthy = ApiResponse({
  status: 503,
  type: HealthAnswer,
  description: 'A part does not work, or it is being stopped.',
});

/** Probes: without login, prefix and envelope. */
@Controller()
@Public()
export class HealthController {
  constructor(private readonly checks: HealthChecks) {}

  @Get('health/live')
  @Bare()
  @ApiOperation({ summary: 'Tell whether the process lives' })
  @healthy
  live(): HealthAnswer {
    return { status: 'ok', checks: {} };
  }

  @Get(['health/ready', 'ready'])
  @Bare()
  @ApiOperation({ summary: 'Tell whether the process can serve' })
  @healthy
  @unhealthy
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthAnswer> {
    return answer(await this.checks.run(), reply, false);
  }

  @Get('health')
  @Bare()
  @ApiOperation({ summary: 'Tell how each part is' })
  @healthy
  @unhealthy
  async health(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<HealthAnswer> {
    return answer(await this.checks.run(), reply, request.actor?.permissions.has('ops:read') === true);
  }
}

function answer({ status, details }: HealthCheckResult, reply: FastifyReply, hasDetails: boolean): HealthAnswer {
  if (status !== 'ok') reply.status(503);
  const checks = Object.entries(details).map(([name, check]) => [name, hasDetails ? check : check.status]);
  return { status, checks: Object.fromEntries(checks) as Record<string, unknown> };
}
