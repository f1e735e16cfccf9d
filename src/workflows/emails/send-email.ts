import { invalid, unavailable } from '../../kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Sql } from '../../platform/database/sql.js';
import { DeliveryFailure } from '../../platform/mail/delivery-failure.js';
import type { Mail, Mailer } from '../../platform/mail/mailer.js';
import type { StepAction, StepContext } from '../executions/step-actions.js';
import type { EmailOutbox, EmailStatus } from './email-outbox.js';
import { fillIn, onOneLine, type AuthoredTemplate } from './email-template.js';

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

  /** @throws invalid `unknown-template` or `mail-refused`, unavailable `mail-not-sent` */
  async run(context: StepContext): Promise<JsonValue> {
    const { outbox } = this.dependencies;
    const mail = await this.compose(context);
    const email = await outbox.note(context, mail);
    if (email.isToBeSent) return this.send(context, email.id, mail);
    if (email.status === 'sending') await outbox.settle(context.actor, email.id, 'unknown', null);
    return answer(email.id, email.status === 'delivered' ? 'delivered' : 'unknown');
  }

  private async send({ actor }: StepContext, emailId: string, mail: Mail): Promise<JsonValue> {
    const { outbox, mailer } = this.dependencies;
    try {
      await outbox.settle(actor, emailId, 'delivered', await mailer.send(mail));
      return answer(emailId, 'delivered');
    } catch (error) {
      if (!(error instanceof DeliveryFailure)) throw error;
      await outbox.settle(actor, emailId, error.outcome === 'unknown' ? 'unknown' : 'failed', error.message);
      if (error.outcome === 'unknown') return answer(emailId, 'unknown');
      const message = `The mail was not sent: ${error.message}`;
      throw error.isPassing ? unavailable('mail-not-sent', message) : invalid('mail-refused', message);
    }
  }

  private async compose({ actor, parameters, scope, idempotencyKey }: StepContext): Promise<Mail> {
    const { recipient, template, subject, text, data = {} } = parameters as Partial<Parameters>;
    const messageId = `${idempotencyKey}@${this.dependencies.mailer.domain}`;
    // Subject and text of the step itself were filled in when the step began.
    const content =
      template === undefined
        ? { subject: onOneLine(subject!), text: text! }
        : fillIn(await this.template(actor.organizationId, template), { ...scope, data });
    return { recipient: recipient!, messageId, ...content };
  }

  private async template(organizationId: string, name: string): Promise<Pick<AuthoredTemplate, 'subject' | 'text'>> {
    const [template] = await this.dependencies.sql.read<{ subject: string; text: string }>(
      organizationId,
      'select subject, text from email_templates where organization_id = $1 and name = $2',
      [organizationId, name],
    );
    if (!template) throw invalid('unknown-template', `There is no mail template "${name}"; create it first.`);
    return template;
  }
}

const answer = (emailId: string, status: EmailStatus): JsonObject => ({ emailId, status });
