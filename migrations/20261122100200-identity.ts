import { Migration } from '@mikro-orm/migrations';

/** Who belongs to which organization, by what they show who they are, and how they are found before that is known. */
export class Identity extends Migration {
  override up(): void {
    this.addSql(this.people());
    this.addSql(this.credentials());
    this.addSql(this.isolation());
    this.addSql(this.authentication());
  }

  private people(): string {
    return `
      create table organizations (
        id uuid primary key,
        name text not null check (length(name) between 1 and 200),
        slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 63),
        version integer not null default 1,
        created_at timestamptz(3) not null
      );
      insert into organizations (id, name, slug, created_at)
        values ('00000000-0000-0000-0000-000000000000', 'Platform', 'platform', now());

      create table users (
        id uuid primary key,
        email text not null,
        folded_email text not null unique,
        password_hash text,
        created_at timestamptz(3) not null default now()
      );

      create table memberships (
        organization_id uuid not null references organizations (id),
        user_id uuid not null references users (id),
        name text not null check (length(name) between 1 and 200),
        roles text[] not null check (cardinality(roles) > 0
          and roles <@ array['owner', 'admin', 'manager', 'member', 'viewer', 'auditor', 'worker']),
        status text not null check (status in ('invited', 'active', 'deactivated')),
        version integer not null default 1,
        created_at timestamptz(3) not null,
        joined_at timestamptz(3),
        primary key (organization_id, user_id)
      );
      create index on memberships (organization_id, created_at, user_id);
      create index on memberships (user_id);

      -- By e-mail whether somebody has it or not, so that a lock tells nobody who has an account.
      create table sign_in_attempts (
        email_hash bytea primary key,
        failures integer not null,
        locked_until timestamptz(3) not null,
        last_at timestamptz(3) not null
      );
      create index on sign_in_attempts (last_at);
      grant select, insert, update, delete on sign_in_attempts to proviso_app;
    `;
  }

  private credentials(): string {
    return `
      create table sessions (
        id uuid primary key,
        organization_id uuid not null,
        user_id uuid not null,
        family_hash bytea not null,
        token_hash bytea not null,
        user_agent text,
        created_at timestamptz(3) not null,
        refreshed_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        revoked_at timestamptz(3),
        version integer not null default 1,
        foreign key (organization_id, user_id) references memberships (organization_id, user_id)
      );
      create index on sessions (organization_id, user_id, created_at, id);

      create table api_keys (
        id uuid primary key,
        organization_id uuid not null references organizations (id),
        name text not null check (length(name) between 1 and 200),
        secret_hash bytea not null,
        permissions text[] not null check (cardinality(permissions) > 0),
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        last_used_at timestamptz(3),
        revoked_at timestamptz(3),
        version integer not null default 1
      );
      create index on api_keys (organization_id, created_at, id);

      create table invitations (
        id uuid primary key,
        organization_id uuid not null,
        user_id uuid not null,
        secret_hash bytea not null,
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        foreign key (organization_id, user_id) references memberships (organization_id, user_id)
      );
      create index on invitations (organization_id, user_id);
    `;
  }

  private isolation(): string {
    return `
      call isolate_by_organization('memberships');
      call isolate_by_organization('sessions');
      call isolate_by_organization('api_keys');
      call isolate_by_organization('invitations');

      alter table organizations enable row level security;
      alter table organizations force row level security;
      create policy organization on organizations using (id = (select current_organization_id()));
      grant select, insert, update on organizations to proviso_app;

      -- A person is seen through a membership alone; the policy of memberships narrows it to one organization.
      alter table users enable row level security;
      alter table users force row level security;
      create policy membership on users to proviso_app
        using (exists (select from memberships where memberships.user_id = users.id));
      grant select on users to proviso_app;
      grant update (password_hash) on users to proviso_app;

      create policy authenticator on users to proviso_authenticator using (true);
      create policy authenticator on memberships for select to proviso_authenticator using (true);
      create policy authenticator on sessions for select to proviso_authenticator using (true);
      create policy authenticator on api_keys for select to proviso_authenticator using (true);
      create policy authenticator on invitations for select to proviso_authenticator using (true);
      grant select (id, folded_email, password_hash), insert on users to proviso_authenticator;
      grant select (organization_id, user_id, status, created_at) on memberships to proviso_authenticator;
      grant select (id, organization_id) on sessions to proviso_authenticator;
      grant select (id, organization_id) on api_keys to proviso_authenticator;
      grant select (id, organization_id) on invitations to proviso_authenticator;
    `;
  }

  /** One function per kind of credential; each says which organization to look in, and no more than ids and hashes. */
  private authentication(): string {
    return `
      create schema authentication authorization proviso_authenticator;
      set local role proviso_authenticator;

      create function authentication.find_person(folded text)
        returns table (user_id uuid, password_hash text, organization_ids uuid[])
        language sql stable security definer set search_path = '' as $$
          select person.id, person.password_hash, array_agg(membership.organization_id order by membership.created_at)
          from public.users person
          join public.memberships membership on membership.user_id = person.id and membership.status = 'active'
          where person.folded_email = folded
          group by person.id
        $$;

      create function authentication.find_session(session uuid) returns uuid
        language sql stable security definer set search_path = '' as $$
          select organization_id from public.sessions where id = session
        $$;

      create function authentication.find_api_key(api_key uuid) returns uuid
        language sql stable security definer set search_path = '' as $$
          select organization_id from public.api_keys where id = api_key
        $$;

      create function authentication.find_invitation(invitation uuid) returns uuid
        language sql stable security definer set search_path = '' as $$
          select organization_id from public.invitations where id = invitation
        $$;

      -- The person with this e-mail, made when there is none yet.
      create function authentication.ensure_person(new_id uuid, address text, folded text) returns uuid
        language plpgsql volatile security definer set search_path = '' as $$
        begin
          insert into public.users (id, email, folded_email) values (new_id, address, folded)
            on conflict (folded_email) do nothing;
          return (select id from public.users where folded_email = folded);
        end $$;

      revoke execute on all functions in schema authentication from public;
      grant usage on schema authentication to proviso_app;
      grant execute on all functions in schema authentication to proviso_app;
      set local role proviso_owner;
    `;
  }
}
