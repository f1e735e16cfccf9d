import { Migration } from '@mikro-orm/migrations';

/** What starts workflows by itself: schedules, and signed requests from outside. */
export class Triggers extends Migration {
  override up(): void {
    this.addSql(this.schedules());
    this.addSql(this.webhooks());
    this.addSql(this.webhookByToken());
  }

  private schedules(): string {
    return `
      create table workflow_schedules (
        organization_id uuid not null,
        workflow_id uuid not null,
        -- Counts the looks that did something.
        version integer not null default 1,
        cron text not null,
        time_zone text not null,
        missed text not null check (missed in ('skip', 'once', 'all')),
        -- The first firing that nobody has looked at; null when the workflow is disabled or no firing comes any more.
        next_at timestamptz(3),
        last_fired_at timestamptz(3),
        primary key (organization_id, workflow_id),
        foreign key (organization_id, workflow_id) references workflows (organization_id, id)
      );
      create index on workflow_schedules (next_at) where next_at is not null;
      call isolate_by_organization('workflow_schedules');
      create policy sweeper on workflow_schedules for select to proviso_sweeper using (true);
      grant select (organization_id, workflow_id, next_at) on workflow_schedules to proviso_sweeper;
    `;
  }

  private webhooks(): string {
    return `
      create table workflow_webhooks (
        organization_id uuid not null,
        id uuid primary key,
        workflow_id uuid not null,
        -- Counts the rotations of token and secret.
        version integer not null default 1,
        token_hash bytea not null,
        secret jsonb not null,
        created_at timestamptz(3) not null,
        created_by uuid not null,
        rotated_at timestamptz(3),
        unique (organization_id, id),
        unique (organization_id, workflow_id),
        foreign key (organization_id, workflow_id) references workflows (organization_id, id)
      );
      call isolate_by_organization('workflow_webhooks');

      -- What was taken already; of the workflow, so that rotating a secret lets nothing in twice.
      create table workflow_webhook_receipts (
        organization_id uuid not null,
        workflow_id uuid not null,
        message_id text not null,
        execution_id uuid,
        expires_at timestamptz(3) not null,
        primary key (organization_id, workflow_id, message_id),
        foreign key (organization_id, workflow_id) references workflows (organization_id, id),
        foreign key (organization_id, execution_id) references workflow_executions (organization_id, id)
      );
      create index on workflow_webhook_receipts (expires_at);
      call isolate_by_organization('workflow_webhook_receipts');
      create policy sweeper on workflow_webhook_receipts for all to proviso_sweeper using (true);
      grant select (expires_at), delete on workflow_webhook_receipts to proviso_sweeper;
    `;
  }

  private webhookByToken(): string {
    return `
      create policy authenticator on workflow_webhooks for select to proviso_authenticator using (true);
      grant select (id, organization_id) on workflow_webhooks to proviso_authenticator;

      set local role proviso_authenticator;
      create function authentication.find_workflow_webhook(webhook uuid) returns uuid
        language sql stable security definer set search_path = '' as $$
          select organization_id from public.workflow_webhooks where id = webhook
        $$;
      revoke execute on function authentication.find_workflow_webhook(uuid) from public;
      grant execute on function authentication.find_workflow_webhook(uuid) to proviso_app;
      set local role proviso_owner;
    `;
  }
}
