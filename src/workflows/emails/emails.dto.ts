import { EnumField, IdField, InstantField, IntegerField, TextField } from '../../platform/http/fields.js';
import { PageQuery } from '../../platform/http/page-query.js';
import type { EmailStatus } from './email-outbox.js';

const EXAMPLE_ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const EXAMPLE_INSTANT = '2026-11-22T09:30:00.000Z';
const EXAMPLE_SUBJECT = 'Welcome, {{lead.contact.firstName}}';
const EXAMPLE_TEXT = 'Hello {{lead.contact.firstName}},\n\nthank you for your interest.';

const statuses: readonly EmailStatus[] = ['sending', 'delivered', 'unknown', 'failed'];

export class EmailTemplateBody {
  @TextField({
    description: 'By which steps name it',
    example: 'welcome_lead',
    minLength: 1,
    maxLength: 100,
    pattern: /^[A-Za-z0-9][\w.-]*$/,
  })
  readonly name!: string;

  @TextField({
    description: 'Takes placeholders',
    example: EXAMPLE_SUBJECT,
    minLength: 1,
    maxLength: 500,
    pattern: /\S/,
  })
  readonly subject!: string;

  @TextField({ description: 'Plain text; takes placeholders', example: EXAMPLE_TEXT, minLength: 1, maxLength: 100_000 })
  readonly text!: string;
}

export class EmailTemplateView extends EmailTemplateBody {
  @IdField({ description: 'Id of the template', example: EXAMPLE_ID })
  readonly id!: string;

  @IntegerField({ description: 'Counts its changes', example: 1, minimum: 1, maximum: 2_147_483_647 })
  readonly version!: number;

  @InstantField({ description: 'When it was made', example: EXAMPLE_INSTANT })
  readonly createdAt!: string;

  @InstantField({ description: 'When it was last changed', example: EXAMPLE_INSTANT })
  readonly updatedAt!: string;
}

export class EmailsQuery extends PageQuery {
  @EnumField({ description: 'What became of them', example: 'delivered', values: statuses, optional: true })
  readonly status?: EmailStatus;

  @IdField({ description: 'The execution that sent them', example: EXAMPLE_ID, optional: true })
  readonly executionId?: string;
}

export class EmailView {
  @IdField({ description: 'Id of the mail', example: EXAMPLE_ID })
  readonly id!: string;

  @IdField({ description: 'The execution that sent it', example: EXAMPLE_ID })
  readonly executionId!: string;

  @TextField({ description: 'Who it is for', example: 'maria@bistro.example', maxLength: 254 })
  readonly recipient!: string;

  @TextField({ description: 'The subject as sent', example: 'Welcome, Maria', maxLength: 998 })
  readonly subject!: string;

  @TextField({ description: 'The text as sent', example: 'Hello Maria,', maxLength: 100_000 })
  readonly text!: string;

  @TextField({
    description: 'The same for every attempt',
    example: `${EXAMPLE_ID}.welcome.1@example.com`,
    maxLength: 500,
  })
  readonly messageId!: string;

  @EnumField({
    description: 'unknown: a process died while sending, so whether it arrived nobody knows; it is not sent again',
    example: 'delivered',
    values: statuses,
  })
  readonly status!: EmailStatus;

  @TextField({ description: 'What the mail server said', example: '250 OK', maxLength: 1000, nullable: true })
  readonly smtpAnswer!: string | null;

  @InstantField({ description: 'When it was first to be sent', example: EXAMPLE_INSTANT })
  readonly createdAt!: string;

  @InstantField({ description: 'When the server took it', example: EXAMPLE_INSTANT, nullable: true })
  readonly sentAt!: string | null;
}
