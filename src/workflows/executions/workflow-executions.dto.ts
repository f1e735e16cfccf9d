import {
  EnumField,
  IdField,
  InstantField,
  IntegerField,
  JsonField,
  JsonObjectField,
  TextField,
} from '../../platform/http/fields.js';
import { PageQuery } from '../../platform/http/page-query.js';
import { STATUS_TRANSITIONS, type ExecutionStatus } from '../engine/status.js';

const EXAMPLE_ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const EXAMPLE_INSTANT = '2026-11-22T09:30:00.000Z';
const statuses = Object.keys(STATUS_TRANSITIONS) as ExecutionStatus[];

export class ExecuteWorkflowBody {
  @JsonObjectField({
    description: 'Values of the variables that the workflow declares',
    example: { lead: { contact: { email: 'maria@bistro.example', firstName: 'Maria' } } },
    optional: true,
  })
  readonly variables?: object;
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

export class WorkflowExecutionView extends WorkflowExecutionSummaryView {
  @JsonObjectField({ description: 'What it was started with', example: { lead: { score: 80 } } })
  readonly variables!: object;

  @JsonField({
    description: 'The finished visits of steps, in order',
    example: [
      {
        stepId: 'send_welcome',
        stepName: 'Send welcome mail',
        status: 'completed',
        startedAt: EXAMPLE_INSTANT,
        completedAt: EXAMPLE_INSTANT,
        result: { emailId: EXAMPLE_ID, status: 'delivered' },
      },
    ],
  })
  readonly executionLog!: unknown;
}
