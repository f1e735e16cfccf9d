import { Migration } from '@mikro-orm/migrations';

/** Leads with what finds their duplicates, imports of leads, and the tasks that rules create. */
export class Crm extends Migration {
  override up(): void {
    this.addSql(this.leads());
    this.addSql(this.search());
    this.addSql(this.imports());
    this.addSql(this.tasks());
  }

  private leads(): string {
    return `
      create extension if not exists btree_gin;

      create table leads (
        organization_id uuid not null,
        id uuid primary key,
        version integer not null default 1,
        source text not null check (source in
          ('website', 'referral', 'trade_show', 'cold_call', 'email', 'social', 'partner', 'import', 'api')),
        source_detail text check (length(source_detail) <= 100),
        status text not null check (status in
          ('new', 'contacted', 'nurturing', 'qualified', 'disqualified', 'converted')),
        score smallint not null check (score between 0 and 100),
        company_name text not null,
        company_industry text,
        company_size text check (company_size in ('small', 'medium', 'large', 'enterprise')),
        company_website text,
        company_annual_revenue numeric(15, 2),
        contact_first_name text not null,
        contact_last_name text not null,
        contact_title text,
        contact_email text not null,
        contact_phone text,
        requirements jsonb,
        assignee_id uuid,
        folded_email text not null,
        phone_e164 text,
        website_domain text,
        contact_text text not null generated always as
          (contact_first_name || ' ' || contact_last_name || ' ' || contact_email) stored,
        created_at timestamptz(3) not null,
        created_by uuid not null,
        updated_at timestamptz(3) not null,
        deleted_at timestamptz(3),
        unique (organization_id, id),
        foreign key (organization_id, assignee_id) references memberships (organization_id, user_id)
      );
      create index on leads (organization_id, created_at desc, id desc) where deleted_at is null;
      create index on leads (organization_id, score desc, id desc) where deleted_at is null;
      create index on leads (organization_id, company_name, id) where deleted_at is null;
      create index on leads (organization_id, status, created_at desc, id desc) where deleted_at is null;
      create index on leads (organization_id, assignee_id, created_at desc, id desc) where deleted_at is null;
      create index on leads (organization_id, folded_email) where deleted_at is null;
      create index on leads (organization_id, phone_e164) where deleted_at is null and phone_e164 is not null;
      create index leads_texts on leads using gin
        (organization_id, website_domain, company_name gin_trgm_ops, contact_text gin_trgm_ops);
      call isolate_by_organization('leads');
    `;
  }

  /** Trigram operators are not leakproof, so that under row-level security the application cannot use their index. */
  private search(): string {
    return `
      create policy search on leads for select to proviso_search using (true);
      grant select (organization_id, id, website_domain, company_name, contact_text, created_at, deleted_at)
        on leads to proviso_search;

      create schema search authorization proviso_search;
      set local role proviso_search;

      -- The newest leads whose company or contact holds the text; a pattern of ILIKE.
      create function search.find_leads(pattern text, at_most integer) returns setof uuid
        language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_custom_plan as $$
        begin
          return query
            select lead.id from public.leads lead
            where lead.organization_id = (select public.current_organization_id()) and lead.deleted_at is null
              and (lead.company_name operator(pg_catalog.~~*) pattern or lead.contact_text operator(pg_catalog.~~*) pattern)
            order by lead.created_at desc, lead.id desc
            limit at_most;
        end $$;

      -- For each candidate {place, companyName, websiteDomain} the leads of a similar name on the same website.
      create function search.find_similar_leads(candidates jsonb, at_most integer)
        returns table (place integer, lead_id uuid)
        language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_custom_plan
        set pg_trgm.similarity_threshold = 0.85 as $$
        begin
          return query
            select candidate.place, found.id
            from jsonb_to_recordset(candidates) as candidate(place integer, "companyName" text, "websiteDomain" text)
            cross join lateral (
              select lead.id from public.leads lead
              where lead.organization_id = (select public.current_organization_id()) and lead.deleted_at is null
                and lead.website_domain = candidate."websiteDomain"
                and lead.company_name operator(public.%) candidate."companyName"
              limit at_most
            ) found;
        end $$;

      revoke execute on all functions in schema search from public;
      grant usage on schema search to proviso_app;
      grant execute on all functions in schema search to proviso_app;
      set local role proviso_owner;
    `;
  }

  private imports(): string {
    return `
      create table lead_imports (
        organization_id uuid not null,
        id uuid primary key,
        version integer not null default 1,
        status text not null check (status in ('receiving', 'queued', 'running', 'completed', 'cancelled', 'failed')),
        format text not null check (format in ('csv', 'ndjson')),
        is_dry_run boolean not null,
        total integer not null,
        created integer not null,
        duplicate integer not null,
        rejected integer not null,
        next_chunk integer not null,
        attempts integer not null,
        lease_owner uuid,
        lease_until timestamptz(3) not null,
        correlation_id text not null,
        cause_id uuid,
        failure text,
        created_at timestamptz(3) not null,
        created_by uuid not null,
        started_at timestamptz(3),
        finished_at timestamptz(3),
        unique (organization_id, id)
      );
      create index on lead_imports (organization_id, created_at desc, id desc);
      create index on lead_imports (lease_until) where status in ('receiving', 'queued', 'running');
      call isolate_by_organization('lead_imports');
      create policy sweeper on lead_imports for select to proviso_sweeper using (true);
      grant select (organization_id, id, status, next_chunk, lease_until, correlation_id) on lead_imports to proviso_sweeper;

      -- The upload, until its rows are leads; json and not jsonb, because it is kept as it came and read once.
      create table lead_import_chunks (
        organization_id uuid not null,
        import_id uuid not null,
        number integer not null,
        rows json not null,
        primary key (organization_id, import_id, number),
        foreign key (organization_id, import_id) references lead_imports (organization_id, id)
      );
      call isolate_by_organization('lead_import_chunks');

      create table lead_import_rejections (
        organization_id uuid not null,
        import_id uuid not null,
        line integer not null,
        outcome text not null check (outcome in ('duplicate', 'rejected')),
        reason text not null,
        duplicate_of uuid,
        content json not null,
        primary key (organization_id, import_id, line),
        foreign key (organization_id, import_id) references lead_imports (organization_id, id)
      );
      call isolate_by_organization('lead_import_rejections');

      -- What a dry run would have created, so that later rows of the same file are compared with it.
      create table lead_import_previews (
        organization_id uuid not null,
        import_id uuid not null,
        line integer not null,
        folded_email text not null,
        phone_e164 text,
        website_domain text,
        company_name text not null,
        primary key (organization_id, import_id, line),
        foreign key (organization_id, import_id) references lead_imports (organization_id, id)
      );
      create index on lead_import_previews (organization_id, import_id, folded_email);
      create index on lead_import_previews (organization_id, import_id, phone_e164);
      create index on lead_import_previews (organization_id, import_id, website_domain);
      call isolate_by_organization('lead_import_previews');
    `;
  }

  private tasks(): string {
    return `
      create table tasks (
        organization_id uuid not null,
        id uuid primary key,
        version integer not null default 1,
        title text not null check (length(title) between 1 and 200),
        status text not null check (status in ('open', 'done')),
        priority text not null check (priority in ('low', 'normal', 'high', 'urgent')),
        due_at timestamptz(3),
        assignee_id uuid,
        subject_type text not null,
        subject_id uuid not null,
        created_at timestamptz(3) not null,
        unique (organization_id, id),
        foreign key (organization_id, assignee_id) references memberships (organization_id, user_id)
      );
      create index on tasks (organization_id, subject_id);
      create index on tasks (organization_id, assignee_id, due_at) where status = 'open';
      call isolate_by_organization('tasks');
    `;
  }
}
