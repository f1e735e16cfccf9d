import { Migration } from '@mikro-orm/migrations';

/** Keys of sensitive and personal values, one for each subject and time it was erased; destroying one erases. */
export class ErasableValues extends Migration {
  override up(): void {
    this.addSql(`
      -- Which keys of the configuration ever wrapped something, so that a wrong one is seen at the start.
      create table encryption_keys (
        key_id text primary key,
        first_used_at timestamptz(3) not null default clock_timestamp()
      );
      grant select, insert on encryption_keys to proviso_app;

      create table subject_keys (
        organization_id uuid not null,
        subject_type text not null,
        subject_id uuid not null,
        generation integer not null,
        id text not null,
        wrapped_key bytea,
        wrapped_by text not null,
        created_at timestamptz(3) not null,
        destroyed_at timestamptz(3),
        primary key (organization_id, subject_type, subject_id, generation),
        unique (organization_id, id),
        check ((wrapped_key is null) = (destroyed_at is not null))
      );
      create unique index on subject_keys (organization_id, subject_type, subject_id) where destroyed_at is null;
      call isolate_by_organization('subject_keys');
      revoke update, delete on subject_keys from proviso_app;
      grant update (wrapped_key, destroyed_at) on subject_keys to proviso_app;

      alter table entry_points
        add sensitive_paths text[] not null default '{}',
        add personal_paths text[] not null default '{}';
    `);
  }
}
