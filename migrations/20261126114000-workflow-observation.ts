import { Migration } from '@mikro-orm/migrations';

/** Executions that are followed live, and what the figures of workflows are read by. */
export class WorkflowObservation extends Migration {
  override up(): void {
    this.addSql(`
      -- Lets a process see in one look which of the executions that are followed there have moved on.
      create policy follower on workflow_executions for select to proviso_follower using (true);
      grant select (id, version) on workflow_executions to proviso_follower;

      -- Partial in name only, every row has one: so that nothing but a range of times is ever looked up by it.
      create index workflow_executions_started on workflow_executions (organization_id, started_at) include (workflow_id)
        where started_at is not null;
      create index workflow_executions_ended on workflow_executions (organization_id, completed_at)
        include (workflow_id, status, active_ms, started_at) where completed_at is not null;
      create index workflow_steps_ended on workflow_step_runs (organization_id, ended_at) where ended_at is not null;
      create index workflow_steps_waiting on workflow_step_runs (organization_id, workflow_id, step_id)
        include (started_at, due_at) where status = 'waiting';
    `);
  }
}
