import { EnumField, IdField, InstantField, IntegerField, TextField } from '../../platform/http/fields.js';
import { PageQuery } from '../../platform/http/page-query.js';
import type { EmailStatus } from './email-outbox.js';
import { MAX_MARKDOWN, MAX_TEXT } from './rendering/render-mail.js';

const EXAMPLE_ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const EXAMPLE_INSTANT = '2026-11-22T09:30:00.000Z';
const EXAMPLE_SUBJECT = 'Welcome, {{lead.contact.firstName}}';
const EXAMPLE_BODY = 'Hello **{{ lead.contact.firstName }}**,\n\nthank you for your interest.';
const EXAMPLE_TEXT = 'Hello {{lead.contact.firstName}},\n\nthank you for your interest.';

const statuses: readonly EmailStatus[] = ['sending', 'delivered', 'unknown', 'failed'];

/** What a mail is made from: a subject, and either `body` or `text`. */
export class EmailSourceBody {
  @TextField({
    description: 'Takes Liquid; becomes one line',
    example: EXAMPLE_SUBJECT,
    minLength: 1,
    maxLength: 500,
    pattern: /\S/,
  })
  readonly subject!: string;

  @TextField({
    description: 'Markdown with Liquid, sent as HTML and as text; instead of `text`. Values are shown as text in both',
    example: EXAMPLE_BODY,
    minLength: 1,
    maxLength: MAX_MARKDOWN,
    optional: true,
    nullable: true,
  })
  readonly body?: string | null;

  @TextField({
    description: 'Plain text with Liquid; instead of `body`',
    example: EXAMPLE_TEXT,
    minLength: 1,
    maxLength: MAX_TEXT,
    optional: true,
    nullable: true,
  })
  readonly text?: string | null;
}

export class EmailTemplateBody extends EmailSourceBody {
  @TextField({
    description: 'By which steps name it',
    example: 'welcome_lead',
    minLength: 1,
    maxLength: 100,
    pattern: /^[A-Za-z0-9][\w.-]*$/,
  })
  readonly name!: string;
}

/** What a version of a template says. */
class EmailContentView {
  @TextField({ description: 'By which steps name it', example: 'welcome_lead', maxLength: 100 })
  readonly name!: string;

  @TextField({ description: 'With Liquid', example: EXAMPLE_SUBJECT, maxLength: 500 })
  readonly subject!: string;

  @TextField({
    description: 'Markdown with Liquid; null for a template in plain text',
    example: EXAMPLE_BODY,
    maxLength: MAX_MARKDOWN,
    nullable: true,
  })
  readonly body!: string | null;

  @TextField({
    description: 'Plain text with Liquid; null for a template with a Markdown body',
    example: EXAMPLE_TEXT,
    maxLength: MAX_TEXT,
    nullable: true,
  })
  readonly text!: string | null;

  @IntegerField({ description: 'Counts its changes', example: 1, minimum: 1, maximum: 2_147_483_647 })
  readonly version!: number;
}

export class EmailTemplateView extends EmailContentView {
  @IdField({ description: 'Id of the template', example: EXAMPLE_ID })
  readonly id!: string;

  @InstantField({ description: 'When it was made', example: EXAMPLE_INSTANT })
  readonly createdAt!: string;

  @InstantField({ description: 'When it was last changed', example: EXAMPLE_INSTANT })
  readonly updatedAt!: string;
}

export class EmailTemplateVersionView extends EmailContentView {
  @InstantField({ description: 'When it was saved', example: EXAMPLE_INSTANT })
  readonly createdAt!: string;

  @IdField({
    description: 'Who saved it; null for what was saved before versions were kept',
    example: EXAMPLE_ID,
    nullable: true,
  })
  readonly createdBy!: string | null;
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

  @TextField({
    description: 'The text as sent; beside HTML its text part',
    example: 'Hello Maria,',
    maxLength: 1_000_000,
  })
  readonly text!: string;

  @TextField({
    description: 'The HTML part as sent; null for a mail in plain text',
    example: '<p>Hello Maria,</p>',
    maxLength: 1_000_000,
    nullable: true,
  })
  readonly html!: string | null;

  @IdField({
    description: 'The template that it was made from; null when its step brought the text',
    example: EXAMPLE_ID,
    nullable: true,
  })
  readonly templateId!: string | null;

  @IntegerField({
    description: 'The version of that template',
    example: 1,
    minimum: 1,
    maximum: 2_147_483_647,
    nullable: true,
  })
  readonly templateVersion!: number | null;

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
