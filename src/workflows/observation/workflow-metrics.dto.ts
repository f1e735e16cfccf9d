import {
  IdField,
  InstantField,
  IntegerField,
  NestedField,
  NumberField,
  TextField,
} from '../../platform/http/fields.js';
import { MAX_STEPS } from './step-figures.js';

const EXAMPLE_ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const EXAMPLE_INSTANT = '2026-11-22T09:30:00.000Z';
const MAX_COUNT = 2_147_483_647;
const MAX_BUCKETS = 120;

const count = (description: string, example: number): PropertyDecorator =>
  IntegerField({ description, example, minimum: 0, maximum: MAX_COUNT });

const milliseconds = (description: string, example: number): PropertyDecorator =>
  NumberField({ description, example, minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export class WorkflowMetricsQuery {
  @IdField({ description: 'Only this workflow', example: EXAMPLE_ID, optional: true })
  readonly workflowId?: string;

  @InstantField({
    description: 'Inclusive; a day before `to` when absent, and at most 90 days before it',
    example: '2026-11-21T09:30:00.000Z',
    optional: true,
  })
  readonly from?: string;

  @InstantField({ description: 'Exclusive; the present when absent', example: EXAMPLE_INSTANT, optional: true })
  readonly to?: string;
}

export class DurationPercentilesView {
  @milliseconds('Half of them took at most so many milliseconds', 12.5)
  readonly p50!: number;

  @milliseconds('95 % of them did', 80)
  readonly p95!: number;

  @milliseconds('99 % of them did', 210.4)
  readonly p99!: number;
}

export class WorkflowExecutionCountsView {
  @count('Executions that were started', 120)
  readonly started!: number;

  @count('Executions that were completed', 110)
  readonly completed!: number;

  @count('Executions that failed', 3)
  readonly failed!: number;

  @count('Executions that were cancelled', 1)
  readonly cancelled!: number;

  @count('Executions that were compensated', 0)
  readonly compensated!: number;
}

export class WorkflowThroughputView extends WorkflowExecutionCountsView {
  @InstantField({ description: 'Beginning of this part of the range', example: EXAMPLE_INSTANT })
  readonly from!: string;
}

export class WorkflowExecutionTimeView {
  @NestedField({
    description: 'Time that their steps ran; null when none ended',
    type: () => DurationPercentilesView,
    nullable: true,
  })
  readonly active!: DurationPercentilesView | null;

  @NestedField({
    description: 'All the rest of the time; null when none ended',
    type: () => DurationPercentilesView,
    nullable: true,
  })
  readonly waiting!: DurationPercentilesView | null;
}

class WorkflowStepView {
  @IdField({ description: 'Id of the workflow', example: EXAMPLE_ID })
  readonly workflowId!: string;

  @TextField({ description: 'Name of the workflow', example: 'Lead nurturing', maxLength: 255 })
  readonly workflowName!: string;

  @TextField({ description: 'The step', example: 'send_welcome', maxLength: 100 })
  readonly stepId!: string;
}

export class WorkflowStepFiguresView extends WorkflowStepView {
  @count('Visits that ended in the range', 110)
  readonly visits!: number;

  @count('Those of them that failed for good', 3)
  readonly failed!: number;

  @NestedField({
    description: 'From when the last attempt was due and taken to its end',
    type: () => DurationPercentilesView,
  })
  readonly active!: DurationPercentilesView;

  @NestedField({
    description: 'Before that: for a worker, a delay, an event, a person, or earlier attempts',
    type: () => DurationPercentilesView,
  })
  readonly waiting!: DurationPercentilesView;
}

export class WorkflowStepFailuresView extends WorkflowStepView {
  @TextField({ description: 'Code of the failure', example: 'EENVELOPE', maxLength: 1_000 })
  readonly code!: string;

  @count('How often', 3)
  readonly count!: number;
}

export class WaitingWorkflowStepView extends WorkflowStepView {
  @count('Executions that wait here', 42)
  readonly waiting!: number;

  @count('Those of them whose time has come, and that nobody has taken', 0)
  readonly overdue!: number;

  @InstantField({ description: 'Since when the first of them waits', example: EXAMPLE_INSTANT })
  readonly oldestSince!: string;
}

export class WorkflowMetricsView {
  @InstantField({ description: 'Beginning of the range, inclusive', example: '2026-11-21T09:30:00.000Z' })
  readonly from!: string;

  @InstantField({ description: 'End of the range, exclusive', example: EXAMPLE_INSTANT })
  readonly to!: string;

  @IntegerField({ description: 'Length of each part, seconds', example: 900, minimum: 60, maximum: 86_400 })
  readonly bucketSeconds!: number;

  @NestedField({ description: 'What began and ended in the range', type: () => WorkflowExecutionCountsView })
  readonly totals!: WorkflowExecutionCountsView;

  @NumberField({
    description: 'Failed ones among those that ended; null when none did',
    example: 0.026,
    minimum: 0,
    maximum: 1,
    nullable: true,
  })
  readonly failureRate!: number | null;

  @NestedField({ description: 'How long those took that ended', type: () => WorkflowExecutionTimeView })
  readonly executionTime!: WorkflowExecutionTimeView;

  @NestedField({
    description: 'The same counts for each part of the range',
    type: () => WorkflowThroughputView,
    maxItems: MAX_BUCKETS,
  })
  readonly throughput!: readonly WorkflowThroughputView[];

  @NestedField({
    description: 'The steps with the most visits',
    type: () => WorkflowStepFiguresView,
    maxItems: MAX_STEPS,
  })
  readonly steps!: readonly WorkflowStepFiguresView[];

  @NestedField({ description: 'The commonest failures', type: () => WorkflowStepFailuresView, maxItems: MAX_STEPS })
  readonly failures!: readonly WorkflowStepFailuresView[];

  @NestedField({
    description: 'Where most executions wait now',
    type: () => WaitingWorkflowStepView,
    maxItems: MAX_STEPS,
  })
  readonly waitingNow!: readonly WaitingWorkflowStepView[];
}
