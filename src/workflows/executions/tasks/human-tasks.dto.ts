import {
  EnumField,
  IdField,
  InstantField,
  JsonField,
  JsonObjectField,
  TextField,
} from '../../../platform/http/fields.js';
import { PageQuery } from '../../../platform/http/page-query.js';
import { taskStatuses, type TaskStatus } from './queries/human-task-answer.js';

const EXAMPLE_ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const EXAMPLE_INSTANT = '2026-11-22T09:30:00.000Z';
const EXAMPLE_RESULT = { approved: true, note: 'As agreed on the phone' };

export class CompleteHumanTaskBody {
  @JsonField({ description: 'The result, as the form of the task says', example: EXAMPLE_RESULT })
  readonly result!: unknown;
}

export class HumanTasksQuery extends PageQuery {
  @EnumField({ description: 'Where they stand', example: 'open', values: taskStatuses, optional: true })
  readonly status?: TaskStatus;

  @TextField({
    description: 'Whose they are: the id of a user, or `me`',
    example: 'me',
    minLength: 1,
    maxLength: 36,
    optional: true,
  })
  readonly assignee?: string;

  @TextField({
    description: 'The role that they wait for',
    example: 'manager',
    minLength: 1,
    maxLength: 100,
    optional: true,
  })
  readonly role?: string;

  @IdField({ description: 'The execution that gave them', example: EXAMPLE_ID, optional: true })
  readonly executionId?: string;
}

export class HumanTaskView {
  @IdField({ description: 'Id of the task', example: EXAMPLE_ID })
  readonly id!: string;

  @IdField({ description: 'The execution that gave it', example: EXAMPLE_ID })
  readonly executionId!: string;

  @IdField({ description: 'The workflow of that', example: EXAMPLE_ID })
  readonly workflowId!: string;

  @TextField({ description: 'The step of the workflow', example: 'approve_discount', maxLength: 100 })
  readonly stepId!: string;

  @TextField({
    description: 'The branch or item it belongs to; empty outside of those',
    example: '',
    maxLength: 10_000,
  })
  readonly scope!: string;

  @TextField({ description: 'What is to be done', example: 'Approve 12 % for Nordic Noodle Bar', maxLength: 100_000 })
  readonly title!: string;

  @TextField({ description: 'More about it', example: 'They asked twice.', maxLength: 100_000, nullable: true })
  readonly description!: string | null;

  @TextField({ description: 'Id of the user who is to do it', example: EXAMPLE_ID, maxLength: 100_000, nullable: true })
  readonly assignee!: string | null;

  @TextField({
    description: 'The role whose holders may do it',
    example: 'manager',
    maxLength: 100_000,
    nullable: true,
  })
  readonly role!: string | null;

  @JsonObjectField({
    description: 'JSON Schema (draft 2020-12) of the result; null takes any',
    example: { type: 'object', required: ['approved'], properties: { approved: { type: 'boolean' } } },
    nullable: true,
  })
  readonly form!: object | null;

  @EnumField({
    description: 'Where it stands; `timed_out`: the workflow went on without a result',
    example: 'open',
    values: taskStatuses,
  })
  readonly status!: TaskStatus;

  @JsonField({ description: 'What it came to; null while it is open', example: EXAMPLE_RESULT })
  readonly result!: unknown;

  @InstantField({ description: 'When it was given', example: EXAMPLE_INSTANT })
  readonly createdAt!: string;

  @InstantField({ description: 'When its holder was reminded', example: EXAMPLE_INSTANT, nullable: true })
  readonly remindedAt!: string | null;

  @InstantField({ description: 'When it was escalated', example: EXAMPLE_INSTANT, nullable: true })
  readonly escalatedAt!: string | null;

  @InstantField({ description: 'When it was over', example: EXAMPLE_INSTANT, nullable: true })
  readonly endedAt!: string | null;

  @IdField({ description: 'Who completed it', example: EXAMPLE_ID, nullable: true })
  readonly completedBy!: string | null;
}
