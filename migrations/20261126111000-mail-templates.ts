import { Migration } from '@mikro-orm/migrations';

/** Mail templates with Markdown bodies and immutable versions; mails with an HTML part that name what they were made from. */
export class MailTemplates extends Migration {
  override up(): void {
    this.addSql(this.templates());
    this.addSql(this.placeholders());
    this.addSql(this.versions());
    this.addSql(this.emails());
  }

  private templates(): string {
    return `
      alter table email_templates
        add column body text,
        alter column text drop not null,
        add column archived_at timestamptz(3),
        add constraint email_templates_content check (num_nonnulls(body, text) = 1),
        drop constraint email_templates_organization_id_name_key;
      create unique index on email_templates (organization_id, name) where archived_at is null;
      -- Until the end of this migration its rows are seen: by their owner, of all organizations.
      alter table email_templates no force row level security;
    `;
  }

  /** What was plain text with placeholders becomes Liquid that gives the same. */
  private placeholders(): string {
    return `
      create function email_template_as_liquid(template text) returns text language plpgsql as $$
        declare
          found text[];
        begin
          template := replace(template, '{%', '{{ "{%" }}');
          for found in
            select distinct regexp_matches(template, '(\\{\\{\\s*([[:alnum:]_.-]*[$][[:alnum:]_$.-]*)\\s*\\}\\})', 'g')
          loop
            template := replace(template, found[1], '{{ ["' || replace(found[2], '.', '"]["') || '"] }}');
          end loop;
          return template;
        end $$;
      update email_templates set subject = email_template_as_liquid(subject), text = email_template_as_liquid(text);
      drop function email_template_as_liquid;
    `;
  }

  private versions(): string {
    return `
      create table email_template_versions (
        organization_id uuid not null,
        template_id uuid not null,
        version integer not null,
        name text not null,
        subject text not null,
        body text,
        text text,
        created_at timestamptz(3) not null,
        -- Null for what was saved before versions were kept.
        created_by uuid,
        primary key (organization_id, template_id, version),
        check (num_nonnulls(body, text) = 1),
        foreign key (organization_id, template_id) references email_templates (organization_id, id)
      );
      insert into email_template_versions (organization_id, template_id, version, name, subject, text, created_at)
        select organization_id, id, version, name, subject, text, updated_at from email_templates;
      alter table email_templates force row level security;
      call isolate_by_organization('email_template_versions');
      revoke update, delete on email_template_versions from proviso_app;
    `;
  }

  private emails(): string {
    return `
      alter table emails
        add column html text,
        add column template_id uuid,
        add column template_version integer,
        add foreign key (organization_id, template_id, template_version)
          references email_template_versions (organization_id, template_id, version);
      grant select (html) on emails to proviso_sweeper;
    `;
  }
}
