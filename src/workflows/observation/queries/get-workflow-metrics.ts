import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import {
  failureRateOf,
  readExecutionTimes,
  readThroughput,
  totalOf,
  type ExecutionCounts,
  type ExecutionTimes,
  type ThroughputBucket,
} from '../execution-figures.js';
import { metricsRange, type AskedRange, type MetricsRange } from '../metrics-range.js';
import {
  readStepFailures,
  readStepFigures,
  readWaitingSteps,
  type StepFailures,
  type StepFigures,
  type WaitingStep,
} from '../step-figures.js';

/** How workflows did in a range, and where executions wait now. */
export interface WorkflowMetrics extends MetricsRange {
  readonly totals: ExecutionCounts;
  readonly failureRate: number | null;
  readonly executionTime: ExecutionTimes;
  readonly throughput: readonly ThroughputBucket[];
  readonly steps: readonly StepFigures[];
  readonly failures: readonly StepFailures[];
  readonly waitingNow: readonly WaitingStep[];
}

/** The figures of all workflows of the organization, or of one. */
export class GetWorkflowMetrics extends Query<WorkflowMetrics> {
  constructor(
    readonly actor: Actor,
    readonly asked: AskedRange,
    readonly workflowId: string | undefined,
  ) {
    super();
  }
}

@QueryHandler(GetWorkflowMetrics)
export class GetWorkflowMetricsHandler implements IQueryHandler<GetWorkflowMetrics> {
  constructor(private readonly sql: Sql) {}

  /** One statement after the other, so that figures never take the connections of requests. @throws not-found, malformed `bad-range` */
  async execute({ actor, asked, workflowId }: GetWorkflowMetrics): Promise<WorkflowMetrics> {
    const { sql } = this;
    const { organizationId } = actor;
    const range = metricsRange(asked, await this.presentOf(organizationId, workflowId));
    const scope = { organizationId, workflowId, range };
    const throughput = await readThroughput(sql, scope);
    const totals = totalOf(throughput);
    return {
      ...range,
      totals,
      failureRate: failureRateOf(totals),
      executionTime: await readExecutionTimes(sql, scope),
      throughput,
      steps: await readStepFigures(sql, scope),
      failures: await readStepFailures(sql, scope),
      waitingNow: await readWaitingSteps(sql, scope),
    };
  }

  /** The present of the workflows' clock. */
  private async presentOf(organizationId: string, workflowId: string | undefined): Promise<Date> {
    const [row] = await this.sql.read<{ now: Date; isFound: boolean }>(
      organizationId,
      `select app_now() as now, $2::uuid is null
         or exists (select from workflows where organization_id = $1 and id = $2) as "isFound"`,
      [organizationId, workflowId ?? null],
    );
    if (!row!.isFound) throw notFound('The workflow', workflowId!);
    return row!.now;
  }
}
