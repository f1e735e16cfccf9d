import { Migration } from '@mikro-orm/migrations';

/** Operations commands are told an organization by its slug, before they can look into it. */
export class OrganizationBySlug extends Migration {
  override up(): void {
    this.addSql(`
      create policy authenticator on organizations for select to proviso_authenticator using (true);
      grant select (id, slug) on organizations to proviso_authenticator;

      set local role proviso_authenticator;
      create function authentication.find_organization(wanted text) returns uuid
        language sql stable security definer set search_path = '' as $$
          select id from public.organizations where slug = wanted
        $$;
      revoke execute on function authentication.find_organization(text) from public;
      grant execute on function authentication.find_organization(text) to proviso_app;
      set local role proviso_owner;
    `);
  }
}
