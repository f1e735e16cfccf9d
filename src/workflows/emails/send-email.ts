import { invalid, unavailable } from '../../kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Sql } from '../../platform/database/sql.js';
import { DeliveryFailure } from '../../platform/mail/delivery-failure.js';
import type { Mailer } from '../../platform/mail/mailer.js';
import type { StepAction, StepContext } from '../executions/step-actions.js';
import type { EmailDraft, EmailOutbox, EmailStatus, NotedEmail } from './email-outbox.js';
import { onOneLine, renderMail, type MailSource } from './rendering/render-mail.js';

interface Parameters extends JsonObject {
  readonly recipient: string;
  readonly template: string;
  readonly subject: string;
  readonly text: string;
  readonly data: JsonObject;
}

const parametersSchema: JsonObject = {
  type: 'object',
  required: ['recipient'],
  additionalProperties: false,
  properties: {
    recipient: { type: 'string', format: 'email', maxLength: 254 },
    template: { type: 'string', minLength: 1, maxLength: 100 },
    subject: { type: 'string', minLength: 1, maxLength: 998 },
    text: { type: 'string', minLength: 1, maxLength: 100_000 },
    data: { type: 'object' },
  },
  oneOf: [
    { required: ['template'], properties: { subject: false, text: false } },
    { required: ['subject', 'text'], properties: { template: false } },
  ],
};

export interface SendEmailDependencies {
  readonly sql: Sql;
  readonly outbox: EmailOutbox;
  readonly mailer: Mailer;
}

/**
 * The action `send_email`: a template's or the step's own subject and text to one recipient, never twice. When a process
 * died between the mark and the server's answer the mail counts as `unknown`: it is shown and not sent again, and the
 * workflow goes on.
 */
export class SendEmail implements StepAction {
  readonly name = 'send_email';
  readonly queue = 'emails';
  readonly parametersSchema = parametersSchema;

  constructor(private readonly dependencies: SendEmailDependencies) {}

  /** @throws invalid `unknown-template`, `unrenderable-template` or `mail-refused`, unavailable `mail-not-sent` */
  async run(context: StepContext): Promise<JsonValue> {
    const { outbox } = this.dependencies;
    const draft = (await outbox.findNoted(context)) ?? (await this.compose(context));
    const email = await outbox.note(context, draft);
    if (email.isToBeSent) return this.send(context, email, draft);
    if (email.status === 'sending') await outbox.settle(context.actor, email.id, 'unknown', null);
    return answer(email.id, email.status === 'delivered' ? 'delivered' : 'unknown');
  }

  private async send(
    { actor }: StepContext,
    { id: emailId, createdAt: date }: NotedEmail,
    draft: EmailDraft,
  ): Promise<JsonValue> {
    const { outbox, mailer } = this.dependencies;
    try {
      await outbox.settle(actor, emailId, 'delivered', await mailer.send({ ...draft, date }));
      return answer(emailId, 'delivered');
    } catch (error) {
      if (!(error instanceof DeliveryFailure)) throw error;
      await outbox.settle(actor, emailId, error.outcome === 'unknown' ? 'unknown' : 'failed', error.message);
      if (error.outcome === 'unknown') return answer(emailId, 'unknown');
      const message = `The mail was not sent: ${error.message}`;
      throw error.isPassing ? unavailable('mail-not-sent', message) : invalid('mail-refused', message);
    }
  }

  private async compose({ actor, parameters, scope, idempotencyKey }: StepContext): Promise<EmailDraft> {
    const { recipient, template: name, subject, text, data = {} } = parameters as Partial<Parameters>;
    const place = { recipient: recipient!, messageId: `${idempotencyKey}@${this.dependencies.mailer.domain}` };
    if (name === undefined) {
      // Subject and text of the step itself were filled in when the step began.
      return {
        ...place,
        subject: onOneLine(subject!),
        text: text!,
        html: null,
        templateId: null,
        templateVersion: null,
      };
    }
    const { id, version, ...source } = await this.template(actor.organizationId, name);
    const { missing: _, ...content } = renderMail(source, { ...scope, data });
    return { ...place, ...content, templateId: id, templateVersion: version };
  }

  private async template(organizationId: string, name: string): Promise<NamedTemplate> {
    const [template] = await this.dependencies.sql.read<NamedTemplate>(
      organizationId,
      `select id, version, subject, body, text from email_templates
       where organization_id = $1 and name = $2 and archived_at is null`,
      [organizationId, name],
    );
    if (!template) throw invalid('unknown-template', `There is no mail template "${name}"; create it first.`);
    return template;
  }
}

interface NamedTemplate extends MailSource, Record<string, unknown> {
  readonly id: string;
  readonly version: number;
}

const answer = (emailId: string, status: EmailStatus): JsonObject => ({ emailId, status });
