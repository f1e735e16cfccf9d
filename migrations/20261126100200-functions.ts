import { Migration } from '@mikro-orm/migrations';

/** Functions that rules call, with their immutable versions, and which version belonged to a rule set at which revision. */
export class Functions extends Migration {
  override up(): void {
    this.addSql(`
      create table rule_functions (
        organization_id uuid not null,
        id uuid primary key,
        version integer not null default 1,
        name text not null,
        definition_version integer not null,
        live_version integer,
        definition jsonb not null,
        created_at timestamptz(3) not null,
        created_by uuid not null,
        updated_at timestamptz(3) not null,
        updated_by uuid not null,
        archived_at timestamptz(3),
        unique (organization_id, id)
      );
      create unique index on rule_functions (organization_id, name) where archived_at is null;
      call isolate_by_organization('rule_functions');

      create table rule_function_versions (
        organization_id uuid not null,
        function_id uuid not null,
        version integer not null,
        definition jsonb not null,
        created_at timestamptz(3) not null,
        created_by uuid not null,
        primary key (organization_id, function_id, version),
        foreign key (organization_id, function_id) references rule_functions (organization_id, id)
      );
      call isolate_by_organization('rule_function_versions');
      revoke update, delete on rule_function_versions from proviso_app;

      -- Which functions a version of a rule calls.
      create table rule_function_calls (
        organization_id uuid not null,
        rule_id uuid not null,
        version integer not null,
        function_id uuid not null,
        primary key (organization_id, rule_id, version, function_id),
        foreign key (organization_id, rule_id, version) references rule_versions (organization_id, rule_id, version),
        foreign key (organization_id, function_id) references rule_functions (organization_id, id)
      );
      create index on rule_function_calls (organization_id, function_id);
      call isolate_by_organization('rule_function_calls');
      revoke update, delete on rule_function_calls from proviso_app;

      -- As rule_set_members: at revision R those with from_revision <= R < to_revision.
      create table rule_set_functions (
        organization_id uuid not null,
        entry_point text not null,
        function_id uuid not null,
        version integer not null,
        from_revision bigint not null,
        to_revision bigint,
        primary key (organization_id, entry_point, function_id, from_revision),
        foreign key (organization_id, function_id, version)
          references rule_function_versions (organization_id, function_id, version)
      );
      create unique index on rule_set_functions (organization_id, entry_point, function_id) where to_revision is null;
      create index on rule_set_functions (organization_id, entry_point, from_revision);
      call isolate_by_organization('rule_set_functions');
      revoke delete on rule_set_functions from proviso_app;
    `);
  }
}
