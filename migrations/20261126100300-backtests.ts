import { Migration } from '@mikro-orm/migrations';

/** Drafts tried over recorded decisions: what is compared, how far it has come, and what was found. */
export class Backtests extends Migration {
  override up(): void {
    this.addSql(`
      create table backtests (
        organization_id uuid not null,
        id uuid primary key,
        version integer not null default 1,
        rule_id uuid not null,
        rule_version integer not null,
        entry_point text not null,
        failure_policy text not null check (failure_policy in ('fail_open', 'fail_closed')),
        rule_set_revision integer not null,
        recorded_from timestamptz(3) not null,
        recorded_to timestamptz(3) not null,
        sample double precision not null check (sample > 0 and sample <= 1),
        cpu_share double precision not null check (cpu_share > 0 and cpu_share <= 1),
        segment_path text,
        status text not null check (status in ('queued', 'running', 'completed', 'cancelled', 'failed')),
        cursor_at timestamptz(3) not null,
        cursor_id uuid not null,
        result jsonb not null,
        attempts integer not null,
        lease_owner uuid,
        lease_until timestamptz(3) not null,
        correlation_id text not null,
        failure text,
        created_at timestamptz(3) not null,
        created_by uuid not null,
        started_at timestamptz(3),
        finished_at timestamptz(3),
        unique (organization_id, id),
        foreign key (organization_id, rule_id, rule_version)
          references rule_versions (organization_id, rule_id, version)
      );
      create index on backtests (organization_id, created_at desc, id desc);
      create index on backtests (organization_id, rule_id);
      create index on backtests (lease_until) where status in ('queued', 'running');
      call isolate_by_organization('backtests');
      create policy sweeper on backtests for select to proviso_sweeper using (true);
      grant select (organization_id, id, version, status, lease_until, correlation_id) on backtests to proviso_sweeper;
    `);
  }
}
