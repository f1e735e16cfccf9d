import { Migration } from '@mikro-orm/migrations';

/** Rules with their immutable versions, and which version was in force at which revision of its entry point's set. */
export class Rules extends Migration {
  override up(): void {
    this.addSql(`
      create table entry_points (
        organization_id uuid not null,
        id uuid primary key,
        name text not null,
        version integer not null default 1,
        description text not null,
        schema jsonb not null,
        writable_fields text[] not null,
        failure_policy text not null check (failure_policy in ('fail_open', 'fail_closed')),
        created_at timestamptz(3) not null,
        unique (organization_id, id),
        unique (organization_id, name)
      );
      call isolate_by_organization('entry_points');

      create table rules (
        organization_id uuid not null,
        id uuid primary key,
        version integer not null default 1,
        entry_point text not null,
        definition_version integer not null,
        live_version integer,
        definition jsonb not null,
        name text not null generated always as (definition ->> 'name') stored,
        is_enabled boolean not null generated always as ((definition ->> 'enabled')::boolean) stored,
        priority integer not null generated always as ((definition ->> 'priority')::integer) stored,
        created_at timestamptz(3) not null,
        created_by uuid not null,
        updated_at timestamptz(3) not null,
        updated_by uuid not null,
        archived_at timestamptz(3),
        unique (organization_id, id)
      );
      create index on rules (organization_id, entry_point, priority desc, created_at, id) where archived_at is null;
      create index on rules (organization_id, created_at desc, id desc) where archived_at is null;
      call isolate_by_organization('rules');

      create table rule_versions (
        organization_id uuid not null,
        rule_id uuid not null,
        version integer not null,
        definition jsonb not null,
        created_at timestamptz(3) not null,
        created_by uuid not null,
        primary key (organization_id, rule_id, version),
        foreign key (organization_id, rule_id) references rules (organization_id, id)
      );
      call isolate_by_organization('rule_versions');
      revoke update, delete on rule_versions from proviso_app;

      -- The set of an entry point at revision R holds the members with from_revision <= R < to_revision.
      create table rule_set_members (
        organization_id uuid not null,
        entry_point text not null,
        rule_id uuid not null,
        version integer not null,
        slot text not null check (slot in ('live')),
        from_revision bigint not null,
        to_revision bigint,
        primary key (organization_id, entry_point, rule_id, slot, from_revision),
        foreign key (organization_id, rule_id, version) references rule_versions (organization_id, rule_id, version)
      );
      create unique index on rule_set_members (organization_id, rule_id, slot) where to_revision is null;
      create index on rule_set_members (organization_id, entry_point, from_revision);
      create index on rule_set_members (organization_id, entry_point, to_revision) where to_revision is not null;
      call isolate_by_organization('rule_set_members');
      revoke delete on rule_set_members from proviso_app;
    `);
  }
}
