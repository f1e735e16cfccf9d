import { Migration } from '@mikro-orm/migrations';

/** Workflows with their immutable versions, what runs of them, and the mails that they send. */
export class Workflows extends Migration {
  override up(): void {
    this.addSql(this.definitions());
    this.addSql(this.executions());
    this.addSql(this.claim());
    this.addSql(this.emails());
  }

  private definitions(): string {
    return `
      create table workflows (
        organization_id uuid not null,
        id uuid primary key,
        version integer not null default 1,
        definition_version integer not null,
        definition jsonb not null,
        name text not null generated always as (definition ->> 'name') stored,
        trigger_event_type text generated always as (definition #>> '{trigger,eventType}') stored,
        max_concurrent integer generated always as ((definition #>> '{settings,maxConcurrentExecutions}')::integer) stored,
        is_enabled boolean not null,
        created_at timestamptz(3) not null,
        created_by uuid not null,
        updated_at timestamptz(3) not null,
        updated_by uuid not null,
        archived_at timestamptz(3),
        unique (organization_id, id)
      );
      create unique index on workflows (organization_id, name) where archived_at is null;
      create index on workflows (organization_id, trigger_event_type) where archived_at is null and is_enabled;
      create index on workflows (organization_id, created_at desc, id desc) where archived_at is null;
      call isolate_by_organization('workflows');

      create table workflow_versions (
        organization_id uuid not null,
        workflow_id uuid not null,
        version integer not null,
        definition jsonb not null,
        created_at timestamptz(3) not null,
        created_by uuid not null,
        primary key (organization_id, workflow_id, version),
        foreign key (organization_id, workflow_id) references workflows (organization_id, id)
      );
      call isolate_by_organization('workflow_versions');
      revoke update, delete on workflow_versions from proviso_app;
    `;
  }

  private executions(): string {
    return `
      create table workflow_executions (
        organization_id uuid not null,
        id uuid primary key,
        workflow_id uuid not null,
        definition_version integer not null,
        version integer not null,
        status text not null check (status in
          ('running', 'waiting', 'completed', 'failed', 'cancelling', 'cancelled', 'compensating', 'compensated')),
        variables jsonb not null,
        -- What the engine keeps beside status and variables: outputs, open runs, visits.
        state jsonb not null,
        current_step text,
        error_message text,
        active_ms bigint not null default 0,
        subject_type text,
        subject_id uuid,
        correlation_id text not null,
        causation_id uuid not null,
        depth smallint not null,
        created_by uuid not null,
        started_at timestamptz(3) not null,
        completed_at timestamptz(3),
        unique (organization_id, id),
        foreign key (organization_id, workflow_id, definition_version)
          references workflow_versions (organization_id, workflow_id, version)
      );
      create index on workflow_executions (organization_id, workflow_id, id);
      create index on workflow_executions (organization_id, status, id);
      create index on workflow_executions (organization_id, subject_id, id) where subject_id is not null;
      call isolate_by_organization('workflow_executions');

      create table workflow_step_runs (
        organization_id uuid not null,
        id uuid primary key,
        execution_id uuid not null,
        workflow_id uuid not null,
        step_id text not null,
        scope text not null,
        visit integer not null,
        status text not null check (status in ('waiting', 'running', 'completed', 'failed', 'cancelled')),
        attempt integer not null default 1,
        -- Raised by every claim: what an earlier claimer still sends is refused.
        fence integer not null default 0,
        lease_owner uuid,
        lease_until timestamptz(3),
        due_at timestamptz(3) not null,
        -- When the sweeper looks after a run that nobody took.
        alarm_at timestamptz(3) not null,
        -- Turned away because its workflow ran as many steps as it may; whoever ends one wakes the oldest of these.
        is_held_back boolean not null default false,
        queue text not null,
        input jsonb,
        output jsonb,
        error jsonb,
        started_at timestamptz(3),
        ended_at timestamptz(3),
        unique (organization_id, id),
        unique (organization_id, execution_id, step_id, scope, visit),
        foreign key (organization_id, execution_id) references workflow_executions (organization_id, id),
        foreign key (organization_id, workflow_id) references workflows (organization_id, id)
      );
      create index workflow_step_alarms on workflow_step_runs (alarm_at, id) where status = 'waiting';
      create index workflow_step_leases on workflow_step_runs (lease_until) where status = 'running';
      create index workflow_steps_running on workflow_step_runs (organization_id, workflow_id) where status = 'running';
      create index workflow_steps_held_back on workflow_step_runs (organization_id, workflow_id, due_at, id)
        where status = 'waiting' and is_held_back;
      call isolate_by_organization('workflow_step_runs');
      create policy sweeper on workflow_step_runs to proviso_sweeper using (true);
      grant select (organization_id, id, status, queue, fence, alarm_at, lease_until), update (alarm_at)
        on workflow_step_runs to proviso_sweeper;

      create table workflow_step_attempts (
        organization_id uuid not null,
        step_run_id uuid not null,
        attempt integer not null,
        error jsonb not null,
        failed_at timestamptz(3) not null,
        primary key (organization_id, step_run_id, attempt),
        foreign key (organization_id, step_run_id) references workflow_step_runs (organization_id, id)
      );
      call isolate_by_organization('workflow_step_attempts');
      revoke update, delete on workflow_step_attempts from proviso_app;
    `;
  }

  /** A function, because the count must be taken after the lock is held, by a statement of its own. */
  private claim(): string {
    return `
      -- All that a transition starts from.
      create function execution_snapshot(e workflow_executions) returns jsonb language sql stable as $$
        select jsonb_build_object('id', e.id, 'workflowId', e.workflow_id, 'definitionVersion', e.definition_version,
          'version', e.version, 'status', e.status, 'variables', e.variables, 'state', e.state, 'activeMs', e.active_ms,
          'correlationId', e.correlation_id, 'causationId', e.causation_id, 'depth', e.depth,
          'subjectType', e.subject_type, 'subjectId', e.subject_id, 'now', app_now())
      $$;

      -- The run that was turned away first of those that still wait for a place of their workflow.
      create function first_held_back(organization uuid, workflow uuid) returns jsonb language sql stable as $$
        select jsonb_build_object('id', r.id, 'queue', r.queue, 'fence', r.fence) from workflow_step_runs r
        where r.organization_id = organization and r.workflow_id = workflow and r.status = 'waiting' and r.is_held_back
        order by r.due_at, r.id limit 1
      $$;

      create function claim_step_run(organization uuid, step_run uuid, worker uuid, lease interval, default_bound integer)
        returns table (outcome text, wait_ms float8, run jsonb, execution jsonb, next jsonb)
        language plpgsql volatile as $$
        declare
          found_run workflow_step_runs;
          bound integer;
          -- Places of the workflow that are left; none is needed by a run that is taken over.
          free integer := 0;
          ahead integer;
        begin
          select * into found_run from workflow_step_runs r
            where r.organization_id = organization and r.id = step_run for update;
          if found_run.status = 'running' then
            -- A lease that ended is taken over; its run has its place among the running ones already.
            if found_run.lease_until >= clock_timestamp() then return; end if;
          elsif found_run.status is distinct from 'waiting' then
            return;
          elsif found_run.due_at > app_now() then
            return query select 'early', (extract(epoch from found_run.due_at - app_now()) * 1000)::float8, null::jsonb, null::jsonb, null::jsonb;
            return;
          else
            perform pg_advisory_xact_lock(hashtextextended(found_run.workflow_id::text, 0));
            select coalesce(w.max_concurrent, default_bound) into bound from workflows w
              where w.organization_id = organization and w.id = found_run.workflow_id;
            select bound - count(distinct r.execution_id) into free from workflow_step_runs r
              where r.organization_id = organization and r.workflow_id = found_run.workflow_id and r.status = 'running';
            select count(*) into ahead from (
              select from workflow_step_runs r
              where r.organization_id = organization and r.workflow_id = found_run.workflow_id and r.status = 'waiting'
                and r.is_held_back and (r.due_at, r.id) < (found_run.due_at, found_run.id)
              limit greatest(free, 0)) older;
            if ahead >= free then
              -- The alarm soon after: a place that was given up at this moment woke nobody.
              update workflow_step_runs r set is_held_back = true, alarm_at = app_now() + interval '2 seconds'
                where r.organization_id = organization and r.id = step_run and not r.is_held_back;
              update workflow_executions e set status = 'waiting'
                where e.organization_id = organization and e.id = found_run.execution_id and e.status = 'running';
              return query select 'held-back', 0::float8, null::jsonb, null::jsonb,
                case when free > 0 then first_held_back(organization, found_run.workflow_id) end;
              return;
            end if;
          end if;
          update workflow_executions e set status = 'running'
            where e.organization_id = organization and e.id = found_run.execution_id and e.status = 'waiting';
          return query
            with claimed as (
              update workflow_step_runs r set status = 'running', fence = r.fence + 1, lease_owner = worker,
                lease_until = clock_timestamp() + lease, started_at = coalesce(r.started_at, app_now()),
                is_held_back = false
              where r.organization_id = organization and r.id = step_run
              returning r.*
            )
            select 'claimed', 0::float8,
              jsonb_build_object('id', claimed.id, 'stepId', claimed.step_id, 'scope', claimed.scope,
                'visit', claimed.visit, 'attempt', claimed.attempt, 'fence', claimed.fence, 'queue', claimed.queue,
                'input', claimed.input),
              execution_snapshot(e),
              case when free > 1 then first_held_back(organization, claimed.workflow_id) end
            from claimed join workflow_executions e
              on e.organization_id = claimed.organization_id and e.id = claimed.execution_id;
        end $$;
    `;
  }

  private emails(): string {
    return `
      create table email_templates (
        organization_id uuid not null,
        id uuid primary key,
        version integer not null default 1,
        name text not null,
        subject text not null,
        text text not null,
        created_at timestamptz(3) not null,
        updated_at timestamptz(3) not null,
        unique (organization_id, id),
        unique (organization_id, name)
      );
      call isolate_by_organization('email_templates');

      create table emails (
        organization_id uuid not null,
        id uuid primary key,
        version integer not null,
        execution_id uuid not null,
        step_run_id uuid not null,
        idempotency_key text not null,
        recipient text not null,
        subject text not null,
        text text not null,
        message_id text not null,
        status text not null check (status in ('sending', 'delivered', 'unknown', 'failed')),
        smtp_answer text,
        created_at timestamptz(3) not null,
        sent_at timestamptz(3),
        unique (organization_id, id),
        unique (organization_id, idempotency_key),
        foreign key (organization_id, execution_id) references workflow_executions (organization_id, id),
        foreign key (organization_id, step_run_id) references workflow_step_runs (organization_id, id)
      );
      create index on emails (organization_id, execution_id);
      create index on emails (organization_id, status, id);
      call isolate_by_organization('emails');
      -- The developer's page shows the mails that were never sent, and no others.
      create policy kept on emails for select to proviso_sweeper using (smtp_answer = 'kept');
      create index on emails (id) where smtp_answer = 'kept';
      grant select (id, recipient, subject, text, message_id, smtp_answer, created_at) on emails to proviso_sweeper;
    `;
  }
}
