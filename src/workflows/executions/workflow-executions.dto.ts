import {
  BooleanField,
  EnumField,
  IdField,
  InstantField,
  IntegerField,
  JsonField,
  JsonObjectField,
  ListField,
  NestedField,
  TextField,
} from '../../platform/http/fields.js';
import { PageQuery } from '../../platform/http/page-query.js';
import type { Trigger } from '../engine/definition.js';
import { STATUS_TRANSITIONS, type ExecutionStatus } from '../engine/status.js';

const EXAMPLE_ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const EXAMPLE_INSTANT = '2026-11-22T09:30:00.000Z';
const triggerTypes: readonly Trigger['type'][] = ['manual', 'event', 'schedule', 'webhook'];
const statuses = Object.keys(STATUS_TRANSITIONS) as ExecutionStatus[];

export class ExecuteWorkflowBody {
  @JsonObjectField({
    description: 'Values of the variables that the workflow declares',
    example: { lead: { contact: { email: 'maria@bistro.example', firstName: 'Maria' } } },
    optional: true,
  })
  readonly variables?: object;
}

export class ResumeStepBody {
  @TextField({ description: 'The step that waits', example: 'approve_discount', minLength: 1, maxLength: 100 })
  readonly stepId!: string;

  @TextField({
    description: 'The branch or item that the step belongs to, as `openSteps` tells; needed when it waits in several',
    example: 'approvals.1.0',
    maxLength: 10_000,
    optional: true,
  })
  readonly scope?: string;

  @JsonField({
    description: 'The result of the task, as its form says; for a step that waits for an event, what stands for that',
    example: { approved: true },
  })
  readonly result!: unknown;
}

export class CancelExecutionBody {
  @BooleanField({
    description: 'Whether completed steps are undone afterwards, by the compensations that they name',
    example: true,
    fallback: false,
  })
  readonly compensate!: boolean;
}

export class StartedWorkflowExecutionView {
  @IdField({ description: 'Id of the execution', example: EXAMPLE_ID })
  readonly executionId!: string;
}

export class WorkflowExecutionsQuery extends PageQuery {
  @EnumField({ description: 'Where they stand', example: 'waiting', values: statuses, optional: true })
  readonly status?: ExecutionStatus;

  @IdField({ description: 'The workflow', example: EXAMPLE_ID, optional: true })
  readonly workflowId?: string;

  @IdField({ description: 'What they are about, such as the id of a lead', example: EXAMPLE_ID, optional: true })
  readonly subjectId?: string;

  @IdField({ description: 'The execution whose steps wait for them', example: EXAMPLE_ID, optional: true })
  readonly parentExecutionId?: string;

  @EnumField({
    description: 'What the workflow that they run is started by',
    example: 'schedule',
    values: triggerTypes,
    optional: true,
  })
  readonly trigger?: Trigger['type'];

  @TextField({
    description: 'The trail of causes they are on',
    example: '7d5a1c1e-9d4a-4a6f-8d0e-0d6a5a1f6f11',
    minLength: 1,
    maxLength: 200,
    optional: true,
  })
  readonly correlationId?: string;
}

export class WorkflowExecutionSummaryView {
  @IdField({ description: 'Id of the execution', example: EXAMPLE_ID })
  readonly id!: string;

  @IdField({ description: 'Id of the workflow', example: EXAMPLE_ID })
  readonly workflowId!: string;

  @TextField({ description: 'Name of the workflow', example: 'Lead nurturing', maxLength: 255 })
  readonly workflowName!: string;

  @IntegerField({ description: 'The version that it runs', example: 1, minimum: 1, maximum: 2_147_483_647 })
  readonly workflowVersion!: number;

  @EnumField({ description: 'Where it stands', example: 'waiting', values: statuses })
  readonly status!: ExecutionStatus;

  @TextField({
    description: 'The step that is open; of a failed one, that failed',
    example: 'wait_2_days',
    maxLength: 100,
    nullable: true,
  })
  readonly currentStep!: string | null;

  @JsonObjectField({ description: 'What it is about', example: { type: 'lead', id: EXAMPLE_ID }, nullable: true })
  readonly subject!: object | null;

  @TextField({ description: 'Why it failed', example: 'Step "mail" failed', maxLength: 10_000, nullable: true })
  readonly errorMessage!: string | null;

  @IdField({ description: 'Who started it; the nil UUID for the system', example: EXAMPLE_ID })
  readonly createdBy!: string;

  @InstantField({ description: 'When it was started', example: EXAMPLE_INSTANT })
  readonly startedAt!: string;

  @InstantField({ description: 'When it came to its end', example: EXAMPLE_INSTANT, nullable: true })
  readonly completedAt!: string | null;
}

export class OpenStepView {
  @TextField({ description: 'Id of the step', example: 'approve_discount', maxLength: 100 })
  readonly stepId!: string;

  @TextField({ description: 'Its name', example: 'Approve the discount', maxLength: 255 })
  readonly stepName!: string;

  @TextField({
    description: 'The branch or item it belongs to; empty outside of those',
    example: '',
    maxLength: 10_000,
  })
  readonly scope!: string;

  @EnumField({ description: 'Whether a worker is at it', example: 'waiting', values: ['waiting', 'running'] })
  readonly status!: 'waiting' | 'running';

  @InstantField({ description: 'When its timer comes; null when none runs', example: EXAMPLE_INSTANT, nullable: true })
  readonly dueAt!: string | null;

  @IntegerField({ description: 'Number of its attempt, from 1', example: 1, minimum: 1, maximum: 1_000 })
  readonly attempt!: number;
}

export class WorkflowExecutionView extends WorkflowExecutionSummaryView {
  @JsonObjectField({ description: 'What it was started with', example: { lead: { score: 80 } } })
  readonly variables!: object;

  @TextField({ description: 'The trail of causes it is on', example: EXAMPLE_ID, maxLength: 200 })
  readonly correlationId!: string;

  @IdField({ description: 'The execution that waits for its end', example: EXAMPLE_ID, nullable: true })
  readonly parentExecutionId!: string | null;

  @ListField({
    description: 'The executions that its steps wait for, or waited for',
    example: [EXAMPLE_ID],
    of: 'id',
    maxItems: 100_000,
  })
  readonly childExecutionIds!: readonly string[];

  @NestedField({
    description: 'The visits of steps that have begun and not ended, oldest first',
    type: () => OpenStepView,
    maxItems: 100_000,
  })
  readonly openSteps!: readonly OpenStepView[];

  @JsonField({
    description: 'The finished visits of steps, in order',
    example: [
      {
        stepId: 'send_welcome',
        stepName: 'Send welcome mail',
        scope: '',
        status: 'completed',
        startedAt: EXAMPLE_INSTANT,
        completedAt: EXAMPLE_INSTANT,
        result: { emailId: EXAMPLE_ID, status: 'delivered' },
      },
    ],
  })
  readonly executionLog!: unknown;
}
