import { Migration } from '@mikro-orm/migrations';

/** Several runs are claimed in one transaction: to begin and to commit one costs as much as the claim. */
export class ClaimsTogether extends Migration {
  override up(): void {
    this.addSql(`
      -- As claim_step_run for each of the runs that there are; what is left alone has no row.
      create function claim_step_runs(organization uuid, step_runs uuid[], worker uuid, lease interval,
        default_bound integer)
        returns table (step_run uuid, outcome text, wait_ms float8, run jsonb, execution jsonb, next jsonb)
        language plpgsql volatile as $$
        declare
          found_id uuid;
        begin
          -- Two that claim together take everything in one order, or each could wait for the other.
          perform pg_advisory_xact_lock(hashtextextended(workflow_id::text, 0)) from (
            select distinct r.workflow_id from workflow_step_runs r
            where r.organization_id = organization and r.id = any(step_runs) and r.status = 'waiting'
            order by r.workflow_id) as workflow;
          for found_id in
            select r.id from workflow_step_runs r
            where r.organization_id = organization and r.id = any(step_runs) order by r.execution_id, r.id
          loop
            return query select found_id, claimed.*
              from claim_step_run(organization, found_id, worker, lease, default_bound) as claimed;
          end loop;
        end $$;
    `);
  }
}
