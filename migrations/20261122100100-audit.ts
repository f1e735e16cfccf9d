import { Migration } from '@mikro-orm/migrations';

/** The event store with its relay, its tree and its seals. */
export class Audit extends Migration {
  override up(): void {
    this.addSql(this.store());
    this.addSql(this.partitions());
    this.addSql(this.delivery());
    this.addSql(this.proof());
  }

  private store(): string {
    return `
      create table events (
        epoch smallint not null,
        tx xid8 not null default pg_current_xact_id(),
        position bigint not null generated always as identity,
        id uuid not null,
        occurred_at timestamptz(3) not null,
        organization_id uuid not null,
        stream text not null,
        stream_version integer not null,
        ordinal smallint not null,
        type text not null,
        version smallint not null,
        subject_type text not null,
        subject_id uuid not null,
        actor_type text not null,
        actor_id uuid not null,
        correlation_id text not null,
        causation_id uuid,
        depth smallint not null,
        published boolean not null,
        payload bytea not null,
        leaf_hash bytea not null,
        primary key (occurred_at, id)
      ) partition by range (occurred_at);
      create index on events (epoch, tx, position);
      create index on events (epoch, tx, position) where published;
      create index on events (organization_id, occurred_at, id);
      create index on events (organization_id, subject_id, occurred_at);
      create index on events (organization_id, correlation_id, occurred_at);

      create function refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception 'The event store is append-only: % on % is refused.', tg_op, tg_table_name using errcode = '42501';
      end $$;
      create trigger append_only before update or delete on events for each row execute function refuse_change();
      create trigger append_only_whole before truncate on events for each statement execute function refuse_change();

      alter table events enable row level security;
      alter table events force row level security;
      create policy organization on events using (organization_id = (select current_organization_id()));
      create policy recorder on events for insert to proviso_recorder with check (true);
      create policy relay on events for select to proviso_relay using (true);
      create policy sealer on events for select to proviso_sealer using (true);
      grant select, insert on events to proviso_app;
      grant insert on events to proviso_recorder;
      grant select on events to proviso_relay, proviso_sealer;

      create table rule_matches (
        organization_id uuid not null,
        rule_id uuid not null,
        occurred_at timestamptz(3) not null,
        event_id uuid not null,
        primary key (organization_id, rule_id, occurred_at, event_id)
      );
      alter table rule_matches enable row level security;
      alter table rule_matches force row level security;
      create policy organization on rule_matches using (organization_id = (select current_organization_id()));
      create policy recorder on rule_matches for insert to proviso_recorder with check (true);
      grant select, insert on rule_matches to proviso_app;
      grant insert on rule_matches to proviso_recorder;
    `;
  }

  private partitions(): string {
    return `
      create table events_default partition of events default;

      -- Makes the partitions from the present one to the next two; a range that already holds rows stays in the default.
      create function make_event_partitions(width text) returns void language plpgsql security definer set search_path = public as $$
      declare
        first timestamptz := date_trunc(width, now() at time zone 'UTC') at time zone 'UTC';
        step interval := ('1 ' || width)::interval;
        lower_bound timestamptz;
        name text;
      begin
        if width not in ('day', 'week', 'month') then
          raise exception 'A partition is a day, a week or a month wide, not %.', width;
        end if;
        for n in 0..2 loop
          lower_bound := (first at time zone 'UTC' + n * step) at time zone 'UTC';
          name := 'events_' || to_char(lower_bound at time zone 'UTC', 'YYYYMMDD');
          begin
            execute format('create table if not exists %I partition of events for values from (%L) to (%L)',
              name, lower_bound, (lower_bound at time zone 'UTC' + step) at time zone 'UTC');
          exception when check_violation or invalid_object_definition then
            raise notice 'The partition % is left out: its rows are elsewhere.', name;
          end;
        end loop;
      end $$;
      revoke execute on function make_event_partitions(text) from public;
      grant execute on function make_event_partitions(text) to proviso_sweeper;
    `;
  }

  private delivery(): string {
    return `
      create table installation (
        is_only boolean primary key default true check (is_only),
        system_identifier text not null,
        epoch smallint not null
      );
      insert into installation (system_identifier, epoch) select system_identifier::text, 1 from pg_control_system();
      grant select on installation to public;

      create table relay_checkpoints (
        name text primary key,
        epoch smallint not null,
        tx xid8 not null,
        position bigint not null
      );
      insert into relay_checkpoints values ('reactions', 0, '0', 0);
      grant select, update on relay_checkpoints to proviso_relay;

      create table processed_events (
        organization_id uuid not null,
        consumer text not null,
        event_id uuid not null,
        processed_at timestamptz(3) not null default clock_timestamp(),
        primary key (organization_id, consumer, event_id)
      );
      call isolate_by_organization('processed_events');
    `;
  }

  private proof(): string {
    return `
      create table audit_tiles (
        organization_id uuid not null,
        level smallint not null,
        tile bigint not null,
        hashes bytea not null,
        primary key (organization_id, level, tile)
      );
      create table audit_seals (
        organization_id uuid not null,
        tree_size bigint not null,
        root bytea not null,
        last_epoch smallint not null,
        last_tx xid8 not null,
        last_position bigint not null,
        previous_seal_hash bytea,
        sealed_at timestamptz(3) not null,
        key_id text not null,
        signature bytea not null,
        primary key (organization_id, tree_size)
      );
      create table audit_keys (
        key_id text primary key,
        public_key text not null,
        first_used_at timestamptz(3) not null default clock_timestamp()
      );
      grant select on audit_keys to public;
      grant insert on audit_keys to proviso_sealer;
      do $$
      declare target text;
      begin
        foreach target in array array['audit_tiles', 'audit_seals'] loop
          execute format('alter table %I enable row level security', target);
          execute format('alter table %I force row level security', target);
          execute format('create policy organization on %I for select using (organization_id = (select current_organization_id()))', target);
          execute format('create policy sealer on %I to proviso_sealer using (true)', target);
          execute format('grant select on %I to proviso_app', target);
          execute format('grant select, insert, update on %I to proviso_sealer', target);
        end loop;
      end $$;
    `;
  }
}
