import { Migration } from '@mikro-orm/migrations';

/** What every table stands on: whose rows a connection may see, what time it is, what changed, what was asked before. */
export class Foundation extends Migration {
  override up(): void {
    this.addSql(`
      create extension if not exists pg_trgm;

      create function current_organization_id() returns uuid language sql stable parallel safe as $$
        select nullif(current_setting('app.organization_id', true), '')::uuid
      $$;

      -- One row; the offset is moved by tests alone, so that months pass in a second.
      create table clock (is_only boolean primary key default true check (is_only), shift interval not null);
      insert into clock (shift) values (interval '0');
      grant select on clock to public;
      create function app_now() returns timestamptz language sql stable as $$
        select clock_timestamp() + shift from clock
      $$;

      create procedure isolate_by_organization(target regclass) language plpgsql as $$
      begin
        execute format('alter table %s enable row level security', target);
        execute format('alter table %s force row level security', target);
        execute format('create policy organization on %s using (organization_id = (select current_organization_id()))', target);
        execute format('grant select, insert, update, delete on %s to proviso_app', target);
      end $$;

      create sequence cache_changes;
      create table cache_heads (
        organization_id uuid not null,
        scope text not null,
        revision bigint not null default 1,
        changed bigint not null,
        primary key (organization_id, scope)
      );
      create index on cache_heads (changed);
      call isolate_by_organization('cache_heads');
      create policy follower on cache_heads for select to proviso_follower using (true);
      grant select on cache_heads to proviso_follower;
      grant usage on sequence cache_changes to proviso_app;

      -- Part of the changing transaction: the new revision and the change become visible together.
      create function raise_cache_head(organization uuid, head_scope text) returns bigint language sql as $$
        select pg_notify('cache_heads', '');
        insert into cache_heads (organization_id, scope, changed) values (organization, head_scope, nextval('cache_changes'))
        on conflict (organization_id, scope) do update
          set revision = cache_heads.revision + 1, changed = nextval('cache_changes')
        returning revision
      $$;

      create table idempotency_keys (
        organization_id uuid not null,
        actor_id uuid not null,
        key text not null,
        route text not null,
        request_hash bytea not null,
        body jsonb,
        address text,
        expires_at timestamptz(3) not null,
        primary key (organization_id, actor_id, key)
      );
      create index on idempotency_keys (expires_at);
      call isolate_by_organization('idempotency_keys');
      create policy sweeper on idempotency_keys for all to proviso_sweeper using (true);
      grant select (expires_at), delete on idempotency_keys to proviso_sweeper;
    `);
  }
}
