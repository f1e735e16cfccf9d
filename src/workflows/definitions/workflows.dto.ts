import {
  BooleanField,
  IdField,
  InstantField,
  IntegerField,
  JsonField,
  JsonObjectField,
  TextField,
} from '../../platform/http/fields.js';
import { PageQuery } from '../../platform/http/page-query.js';

const EXAMPLE_ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const EXAMPLE_INSTANT = '2026-11-22T09:30:00.000Z';
const EXAMPLE_STEPS = [
  {
    id: 'send_welcome',
    name: 'Send welcome mail',
    type: 'action',
    configuration: {
      action: 'send_email',
      parameters: { template: 'welcome_lead', recipient: '{{lead.contact.email}}' },
    },
    nextSteps: ['wait_2_days'],
  },
  { id: 'wait_2_days', name: 'Wait 2 days', type: 'delay', configuration: { duration: 2 }, nextSteps: [] },
];
const EXAMPLE_VARIABLES = [{ name: 'lead', type: 'object', required: true }];
const EXAMPLE_SETTINGS = { timeoutMs: 300_000, retryAttempts: 3, maxConcurrentExecutions: 100 };

export class WorkflowBody {
  @TextField({
    description: 'Its name, by which rules start it',
    example: 'Lead nurturing',
    minLength: 1,
    maxLength: 255,
  })
  readonly name!: string;

  @TextField({ description: 'What it is for', example: 'Two mails in two days', maxLength: 10_000, optional: true })
  readonly description?: string;

  @BooleanField({ description: 'Whether new executions may start', example: true, fallback: true })
  readonly enabled!: boolean;

  @JsonObjectField({
    description:
      '{type: manual}, {type: event, eventType, filter?} with a JSONLogic filter over the event, {type: schedule, cron, timeZone?, missed?: skip | once | all, variables?}, or {type: webhook}',
    example: { type: 'manual' },
  })
  readonly trigger!: object;

  @JsonField({ description: 'List of {name, type, required?, default?}', example: EXAMPLE_VARIABLES, optional: true })
  readonly variables?: unknown;

  @JsonField({
    description:
      'List of {id, name, type, configuration, nextSteps?, onError?, compensation?}; the first starts. Types: action, condition, delay, parallel, for_each, wait_for_event, human_task, subworkflow',
    example: EXAMPLE_STEPS,
  })
  readonly steps!: unknown;

  @JsonObjectField({
    description: 'timeoutMs of active time, retryAttempts, maxConcurrentExecutions; each has a default',
    example: EXAMPLE_SETTINGS,
    optional: true,
  })
  readonly settings?: object;
}

export class WorkflowsQuery extends PageQuery {
  @BooleanField({
    description: 'Only those that are enabled, or only those that are not',
    example: true,
    optional: true,
  })
  readonly enabled?: boolean;
}

export class WorkflowView {
  @IdField({ description: 'Id of the workflow', example: EXAMPLE_ID })
  readonly id!: string;

  @IntegerField({ description: 'Number of the definition', example: 1, minimum: 1, maximum: 2_147_483_647 })
  readonly version!: number;

  @TextField({ description: 'Its name', example: 'Lead nurturing', maxLength: 255 })
  readonly name!: string;

  @TextField({ description: 'What it is for', example: 'Two mails in two days', maxLength: 10_000, optional: true })
  readonly description?: string;

  @BooleanField({ description: 'Whether new executions may start', example: true })
  readonly enabled!: boolean;

  @JsonObjectField({ description: 'What starts it', example: { type: 'manual' } })
  readonly trigger!: object;

  @JsonField({ description: 'Its inputs', example: EXAMPLE_VARIABLES })
  readonly variables!: unknown;

  @JsonField({ description: 'Its steps', example: EXAMPLE_STEPS })
  readonly steps!: unknown;

  @JsonObjectField({ description: 'With defaults filled in', example: EXAMPLE_SETTINGS })
  readonly settings!: object;

  @InstantField({ description: 'When it was made', example: EXAMPLE_INSTANT })
  readonly createdAt!: string;

  @IdField({ description: 'Who made it', example: EXAMPLE_ID })
  readonly createdBy!: string;

  @InstantField({ description: 'When it was last saved', example: EXAMPLE_INSTANT })
  readonly updatedAt!: string;

  @IdField({ description: 'Who saved it last', example: EXAMPLE_ID })
  readonly updatedBy!: string;
}

export class WorkflowVersionView {
  @IntegerField({ description: 'Number of the version', example: 1, minimum: 1, maximum: 2_147_483_647 })
  readonly version!: number;

  @JsonObjectField({
    description: 'As its author wrote it',
    example: { name: 'Lead nurturing', trigger: { type: 'manual' }, steps: EXAMPLE_STEPS },
  })
  readonly definition!: object;

  @InstantField({ description: 'When it was saved', example: EXAMPLE_INSTANT })
  readonly createdAt!: string;

  @IdField({ description: 'Who saved it', example: EXAMPLE_ID })
  readonly createdBy!: string;
}

export class ValidationView {
  @BooleanField({ description: 'Whether it could be saved', example: false })
  readonly valid!: boolean;

  @JsonField({
    description: 'Everything that is wrong, as {pointer, message}',
    example: [{ pointer: '#/steps/0/nextSteps/0', message: 'There is no step "wait".' }],
  })
  readonly errors!: unknown;
}
