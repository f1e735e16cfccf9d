import { Migration } from '@mikro-orm/migrations';

/** A name under which a rule is known in bundles: its id where it was written, and the same wherever it is imported. */
export class RuleKeys extends Migration {
  override up(): void {
    this.addSql(`
      alter table rules add column imported_key text;
      alter table rules add column key text not null generated always as (coalesce(imported_key, id::text)) stored;
      create unique index on rules (organization_id, key) where archived_at is null;
    `);
  }
}
