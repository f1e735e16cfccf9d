import { Migration } from '@mikro-orm/migrations';

/** Endpoints that take webhooks, the webhooks that went to them, and each attempt to deliver one. */
export class Webhooks extends Migration {
  override up(): void {
    this.addSql(`
      create table webhook_endpoints (
        organization_id uuid not null,
        id uuid primary key,
        version integer not null default 1,
        name text not null,
        url text not null,
        description text,
        is_enabled boolean not null,
        secret jsonb,
        previous_secret jsonb,
        previous_secret_until timestamptz(3),
        created_at timestamptz(3) not null,
        updated_at timestamptz(3) not null,
        removed_at timestamptz(3),
        unique (organization_id, id),
        check ((secret is null) = (removed_at is not null))
      );
      create unique index on webhook_endpoints (organization_id, name) where removed_at is null;
      call isolate_by_organization('webhook_endpoints');
      revoke delete on webhook_endpoints from proviso_app;

      create table webhook_deliveries (
        organization_id uuid not null,
        id uuid primary key,
        version integer not null,
        endpoint_id uuid not null,
        -- Both are null when a person had a test sent.
        execution_id uuid,
        step_run_id uuid,
        -- The idempotency key; goes out as the header webhook-id.
        webhook_id text not null,
        type text not null,
        -- The very bytes that are signed, so text.
        body text not null,
        status text not null check (status in ('sending', 'delivered', 'unknown', 'failed')),
        attempts integer not null,
        created_at timestamptz(3) not null,
        delivered_at timestamptz(3),
        unique (organization_id, id),
        unique (organization_id, webhook_id),
        foreign key (organization_id, endpoint_id) references webhook_endpoints (organization_id, id),
        foreign key (organization_id, execution_id) references workflow_executions (organization_id, id),
        foreign key (organization_id, step_run_id) references workflow_step_runs (organization_id, id)
      );
      create index on webhook_deliveries (organization_id, endpoint_id, id);
      create index on webhook_deliveries (organization_id, execution_id, id) where execution_id is not null;
      create index on webhook_deliveries (organization_id, step_run_id) where step_run_id is not null;
      create index on webhook_deliveries (organization_id, status, id);
      call isolate_by_organization('webhook_deliveries');
      revoke delete on webhook_deliveries from proviso_app;

      create table webhook_attempts (
        organization_id uuid not null,
        delivery_id uuid not null,
        attempt integer not null,
        -- A step's attempt begins as sending; one that a person asked for is due first.
        status text not null check (status in ('due', 'sending', 'delivered', 'unknown', 'failed')),
        url text not null,
        -- The person or key that asked for it, the event of that, and its trail; null for a step's.
        requested_by uuid,
        causation_id uuid,
        correlation_id text,
        -- When somebody looks after an attempt that was asked for; a step's is looked after with its step run.
        lease_until timestamptz(3),
        started_at timestamptz(3),
        duration_ms integer,
        response_status integer,
        response_body text,
        error text,
        primary key (organization_id, delivery_id, attempt),
        foreign key (organization_id, delivery_id) references webhook_deliveries (organization_id, id)
      );
      create index on webhook_attempts (lease_until) where status in ('due', 'sending') and lease_until is not null;
      call isolate_by_organization('webhook_attempts');
      revoke delete on webhook_attempts from proviso_app;
      create policy sweeper on webhook_attempts for select to proviso_sweeper using (true);
      grant select (organization_id, delivery_id, attempt, status, correlation_id, lease_until)
        on webhook_attempts to proviso_sweeper;
    `);
  }
}
