import { Controller, Get, Header, type Type } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces } from '@nestjs/swagger';
import { Bare, Public, RequirePermission } from '../http/decorators.js';
import { Metrics } from './metrics.js';

/** `/metrics` on the port of the API: for holders of `ops:read`, or for anybody where nobody wants to sign in for it. */
export function metricsController(isPublic: boolean): Type<object> {
  @Controller('metrics')
  @(isPublic ? Public() : RequirePermission('ops:read'))
  class MetricsController {
    constructor(private readonly metrics: Metrics) {}

    @Get()
    @Bare()
    @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
    @ApiOperation({ summary: 'Read the metrics' })
    @ApiProduces('text/plain')
    @ApiOkResponse({
      description: 'The figures in the text format of Prometheus',
      schema: { type: 'string', example: 'http_requests_total{method="GET",route="/ready",status="200"} 3' },
    })
    read(): Promise<string> {
      return this.metrics.registry.metrics();
    }
  }
  return MetricsController;
}
