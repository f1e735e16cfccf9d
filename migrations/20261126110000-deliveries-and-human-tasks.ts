import { Migration } from '@mikro-orm/migrations';

/** What waiting steps wait for, what was delivered to them, executions that belong to a step, and tasks for people. */
export class DeliveriesAndHumanTasks extends Migration {
  override up(): void {
    this.addSql(this.waits());
    this.addSql(this.origins());
    this.addSql(this.humanTasks());
    this.addSql(this.claim());
  }

  private waits(): string {
    return `
      alter table workflow_step_runs
        -- What came from outside, as the outcome of the run: {output} or {error}. It wins over the run's timer.
        add delivered jsonb,
        -- The place of its end among those of its execution; null of what ended before there was this column.
        add ended_position bigint,
        add event_type text,
        -- Empty when every event of the type is meant.
        add match_field text,
        -- Canonical JSON of the value that the field must have; of a long one a hash, which fits into an index.
        add match_value text;
      create index workflow_step_waits on workflow_step_runs
        (organization_id, event_type, match_field, match_value, id)
        where status = 'waiting' and event_type is not null and delivered is null;
      create index workflow_steps_held_back_of_execution on workflow_step_runs (organization_id, execution_id)
        where status = 'waiting' and is_held_back;
    `;
  }

  private origins(): string {
    return `
      alter table workflow_executions
        -- The subworkflow step that waits for this execution.
        add parent_step_run_id uuid,
        -- What an execution is started once for.
        add start_key text,
        add foreign key (organization_id, parent_step_run_id) references workflow_step_runs (organization_id, id);
      create unique index on workflow_executions (organization_id, parent_step_run_id)
        where parent_step_run_id is not null;
      create unique index on workflow_executions (organization_id, start_key) where start_key is not null;
      create index on workflow_executions (organization_id, correlation_id, id);
    `;
  }

  private humanTasks(): string {
    return `
      create table human_tasks (
        organization_id uuid not null,
        -- That of its step run.
        id uuid primary key,
        execution_id uuid not null,
        title text not null,
        description text,
        -- Id of a user; a text, because a template gave it.
        assignee text,
        role text,
        form jsonb,
        status text not null check (status in ('open', 'completed', 'cancelled', 'timed_out')),
        result jsonb,
        created_at timestamptz(3) not null,
        reminded_at timestamptz(3),
        escalated_at timestamptz(3),
        ended_at timestamptz(3),
        completed_by uuid,
        unique (organization_id, id),
        foreign key (organization_id, id) references workflow_step_runs (organization_id, id),
        foreign key (organization_id, execution_id) references workflow_executions (organization_id, id)
      );
      create index on human_tasks (organization_id, created_at desc, id desc);
      create index on human_tasks (organization_id, created_at desc, id desc) where status = 'open';
      create index on human_tasks (organization_id, assignee, created_at desc, id desc) where assignee is not null;
      create index on human_tasks (organization_id, role, created_at desc, id desc) where role is not null;
      create index on human_tasks (organization_id, execution_id);
      call isolate_by_organization('human_tasks');
      revoke delete on human_tasks from proviso_app;
    `;
  }

  /**
   * As before, and: the execution is locked before the run, what was delivered is told, and a run beside a running one
   * of its execution needs no place.
   */
  private claim(): string {
    return `
      create or replace function execution_snapshot(e workflow_executions) returns jsonb language sql stable as $$
        select jsonb_build_object('id', e.id, 'workflowId', e.workflow_id, 'definitionVersion', e.definition_version,
          'version', e.version, 'status', e.status, 'variables', e.variables, 'state', e.state, 'activeMs', e.active_ms,
          'correlationId', e.correlation_id, 'causationId', e.causation_id, 'depth', e.depth,
          'subjectType', e.subject_type, 'subjectId', e.subject_id, 'parentStepRunId', e.parent_step_run_id,
          'now', app_now())
      $$;

      -- A run of the same execution that was turned away with it; it has a place now.
      create function held_back_beside(organization uuid, beside uuid, itself uuid) returns jsonb
        language sql stable as $$
        select jsonb_build_object('id', r.id, 'queue', r.queue, 'fence', r.fence) from workflow_step_runs r
        where r.organization_id = organization and r.execution_id = beside and r.status = 'waiting' and r.is_held_back
          and r.id <> itself
        order by r.due_at, r.id limit 1
      $$;

      create or replace function claim_step_run(organization uuid, step_run uuid, worker uuid, lease interval,
        default_bound integer)
        returns table (outcome text, wait_ms float8, run jsonb, execution jsonb, next jsonb)
        language plpgsql volatile as $$
        declare
          found_run workflow_step_runs;
          bound integer;
          -- Places of the workflow that are left; none is needed by a run that is taken over.
          free integer := 0;
          has_place boolean;
          ahead integer;
        begin
          select * into found_run from workflow_step_runs r where r.organization_id = organization and r.id = step_run;
          if found_run.status = 'waiting' and found_run.due_at <= app_now()
            or found_run.status = 'running' and found_run.lease_until < clock_timestamp() then
            -- The execution first, as whatever changes rows of an execution does.
            perform from workflow_executions e
              where e.organization_id = organization and e.id = found_run.execution_id for no key update;
            select * into found_run from workflow_step_runs r
              where r.organization_id = organization and r.id = step_run for no key update;
          end if;
          if found_run.status = 'running' then
            -- A lease that ended is taken over; its run has its place among the running ones already.
            if found_run.lease_until >= clock_timestamp() then return; end if;
          elsif found_run.status is distinct from 'waiting' or found_run.due_at = 'infinity' then
            return;
          elsif found_run.due_at > app_now() then
            return query select 'early', (extract(epoch from found_run.due_at - app_now()) * 1000)::float8, null::jsonb, null::jsonb, null::jsonb;
            return;
          else
            perform pg_advisory_xact_lock(hashtextextended(found_run.workflow_id::text, 0));
            select coalesce(w.max_concurrent, default_bound) into bound from workflows w
              where w.organization_id = organization and w.id = found_run.workflow_id;
            select bound - count(distinct r.execution_id), coalesce(bool_or(r.execution_id = found_run.execution_id), false)
              into free, has_place from workflow_step_runs r
              where r.organization_id = organization and r.workflow_id = found_run.workflow_id and r.status = 'running';
            if not has_place then
              select count(*) into ahead from (
                select distinct r.execution_id from workflow_step_runs r
                where r.organization_id = organization and r.workflow_id = found_run.workflow_id and r.status = 'waiting'
                  and r.is_held_back and (r.due_at, r.id) < (found_run.due_at, found_run.id)
                  and r.execution_id <> found_run.execution_id
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
              free := free - 1;
            end if;
          end if;
          update workflow_executions e set status = 'running'
            where e.organization_id = organization and e.id = found_run.execution_id and e.status = 'waiting';
          update workflow_step_runs r set status = 'running', fence = r.fence + 1, lease_owner = worker,
              lease_until = clock_timestamp() + lease, started_at = coalesce(r.started_at, app_now()),
              is_held_back = false
            where r.organization_id = organization and r.id = step_run
            returning r.* into found_run;
          -- A statement of its own, so that the run itself is not among those that are held back.
          return query
            select 'claimed', 0::float8,
              jsonb_build_object('id', found_run.id, 'stepId', found_run.step_id, 'scope', found_run.scope,
                'visit', found_run.visit, 'attempt', found_run.attempt, 'fence', found_run.fence,
                'queue', found_run.queue, 'input', found_run.input, 'delivered', found_run.delivered),
              execution_snapshot(e),
              coalesce(held_back_beside(organization, found_run.execution_id, found_run.id),
                case when free > 0 then first_held_back(organization, found_run.workflow_id) end)
            from workflow_executions e
            where e.organization_id = organization and e.id = found_run.execution_id;
        end $$;
    `;
  }
}
