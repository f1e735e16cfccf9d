import type { UnitOfWork } from '../../audit/audit.contract.js';
import { unavailable } from '../../kernel/domain-error.js';
import { newId } from '../../kernel/id.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Sql } from '../../platform/database/sql.js';
import type { Actor } from '../../platform/http/actor.js';
import type { StepContext } from '../executions/step-actions.js';
import type { MailContent } from './rendering/render-mail.js';

/** `sending` is committed before the mail leaves; a row that stays so belongs to a process that died meanwhile. */
export type EmailStatus = 'sending' | 'delivered' | 'unknown' | 'failed';

/** A mail before it is noted. */
export interface EmailDraft extends MailContent {
  readonly recipient: string;
  readonly messageId: string;
  /** What it was made from; null when its step brought the text itself. */
  readonly templateId: string | null;
  readonly templateVersion: number | null;
}

/** A mail's row: to be sent now, or left as an earlier attempt left it. */
export interface NotedEmail {
  readonly id: string;
  /** When it was first to be sent; the date that it bears. */
  readonly createdAt: Date;
  readonly isToBeSent: boolean;
  readonly status: EmailStatus;
}

// The lock on the run keeps the lease from passing on until the mark is committed, so the next holder sees the mark.
const NOTE = `with held as (
    select run.execution_id from workflow_step_runs run
    where run.organization_id = $1 and run.id = $2 and run.fence = $3 and run.status = 'running' for update
  ),
  before as (select id, status, created_at from emails where organization_id = $1 and idempotency_key = $4),
  noted as (
    insert into emails (organization_id, id, version, execution_id, step_run_id, idempotency_key, recipient, subject, text,
      html, message_id, template_id, template_version, status, created_at)
    select $1, $5, 1, held.execution_id, $2, $4, $6, $7, $8, $9, $10, $11, $12, 'sending', app_now() from held
    on conflict (organization_id, idempotency_key) do update set status = 'sending', version = emails.version + 1
      where emails.status = 'failed'
    returning id, created_at
  )
  select coalesce(noted.id, before.id) as id, noted.id is not null as "isToBeSent",
    coalesce(noted.created_at, before.created_at) as "createdAt",
    coalesce(before.status, 'sending') as status
  from held left join noted on true left join before on true`;

/** Which status a mail may leave for another; what is settled otherwise comes late and changes nothing. */
const LEAVES: Readonly<Record<Exclude<EmailStatus, 'sending'>, readonly EmailStatus[]>> = {
  delivered: ['sending', 'unknown'],
  failed: ['sending'],
  unknown: ['sending'],
};

/** The mails' rows: each is noted before it is sent, and says afterwards what became of it. */
export class EmailOutbox {
  constructor(
    private readonly sql: Sql,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** The mail that an earlier attempt noted: whoever tries again sends that very one, whatever was changed meanwhile. */
  async findNoted({ actor, fence, idempotencyKey }: StepContext): Promise<EmailDraft | undefined> {
    if (fence === 1) return undefined;
    const [draft] = await this.sql.read<EmailDraft & Record<string, unknown>>(
      actor.organizationId,
      `select recipient, subject, text, html, message_id as "messageId", template_id as "templateId",
         template_version as "templateVersion"
       from emails where organization_id = $1 and idempotency_key = $2`,
      [actor.organizationId, idempotencyKey],
    );
    return draft;
  }

  /** Marks a mail as being sent, unless an earlier attempt has sent it or may have. @throws unavailable `lease-lost` */
  async note({ actor, stepRunId, fence, idempotencyKey }: StepContext, draft: EmailDraft): Promise<NotedEmail> {
    const [email] = await this.sql.write<NotedEmail & Record<string, unknown>>(actor.organizationId, NOTE, [
      actor.organizationId,
      stepRunId,
      fence,
      idempotencyKey,
      newId(),
      draft.recipient,
      draft.subject,
      draft.text,
      draft.html,
      draft.messageId,
      draft.templateId,
      draft.templateVersion,
    ]);
    if (!email) throw unavailable('lease-lost', 'Somebody else does this step by now.');
    return email;
  }

  /** Writes down what became of a mail, with the event that tells it. `answer` is the server's, or the error. */
  async settle(
    actor: Actor,
    emailId: string,
    status: Exclude<EmailStatus, 'sending'>,
    answer: string | null,
  ): Promise<void> {
    await this.unitOfWork.run(actor, async (unit) => {
      const [row] = await unit.em.execute<({ version: number } & JsonObject)[]>(
        `update emails set status = ?, smtp_answer = ?, version = version + 1,
           sent_at = case when ? = 'delivered' then app_now() end
         where organization_id = ? and id = ? and status in (select jsonb_array_elements_text(?::jsonb))
         returning version, execution_id as "executionId", step_run_id as "stepRunId",
           template_id as "templateId", template_version as "templateVersion"`,
        [status, answer, status, actor.organizationId, emailId, JSON.stringify(LEAVES[status])],
      );
      if (!row) return;
      const { version, ...place } = row;
      unit.record('email', { id: emailId, version }, { type: `workflows.email-${status}`, version: 1, payload: place });
    });
  }
}
