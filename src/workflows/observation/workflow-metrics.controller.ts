import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, RequirePermission } from '../../platform/http/decorators.js';
import { GetWorkflowMetrics, type WorkflowMetrics } from './queries/get-workflow-metrics.js';
import { WorkflowMetricsQuery, WorkflowMetricsView } from './workflow-metrics.dto.js';

/** To be registered before the workflows' own controller, whose `:id` would take `metrics`. */
@ApiTags('Workflows')
@Controller('workflows')
export class WorkflowMetricsController {
  constructor(private readonly queries: QueryBus) {}

  @Get('metrics')
  @RequirePermission('workflows:read')
  @ApiOperation({
    summary: 'Tell throughput, failures and latencies of workflows, and where executions wait now',
    description: 'Latencies and failures of steps are those of the newest 50,000 visits that ended in the range.',
  })
  @ApiData(WorkflowMetricsView)
  @ApiProblems(404)
  read(
    @CurrentActor() actor: Actor,
    @Query() { workflowId, ...asked }: WorkflowMetricsQuery,
  ): Promise<WorkflowMetrics> {
    return this.queries.execute(new GetWorkflowMetrics(actor, asked, workflowId));
  }
}
