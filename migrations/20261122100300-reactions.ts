import { Migration } from '@mikro-orm/migrations';

/** Events whose reaction failed and is to be tried again, and what the sweeper must see to find lost jobs. */
export class Reactions extends Migration {
  override up(): void {
    this.addSql(`
      create table reaction_failures (
        organization_id uuid not null,
        consumer text not null,
        event_id uuid not null,
        attempts integer not null default 1,
        next_attempt_at timestamptz(3) not null,
        error_code text not null,
        error_message text not null,
        primary key (organization_id, consumer, event_id)
      );
      create index on reaction_failures (next_attempt_at);
      call isolate_by_organization('reaction_failures');

      create policy sweeper on reaction_failures for select to proviso_sweeper using (true);
      grant select (organization_id, consumer, event_id, next_attempt_at) on reaction_failures to proviso_sweeper;

      create policy sweeper on processed_events for select to proviso_sweeper using (true);
      grant select (organization_id, consumer, event_id) on processed_events to proviso_sweeper;

      create policy sweeper on events for select to proviso_sweeper using (published);
      grant select (epoch, tx, position, id, occurred_at, organization_id, type, published) on events to proviso_sweeper;

      grant select, insert, update on relay_checkpoints to proviso_sweeper;
    `);
  }
}
