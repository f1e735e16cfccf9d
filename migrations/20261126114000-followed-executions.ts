import { Migration } from '@mikro-orm/migrations';

/** What lets a process see in one look which of the executions that are followed there have moved on. */
export class FollowedExecutions extends Migration {
  override up(): void {
    this.addSql(`
      create policy follower on workflow_executions for select to proviso_follower using (true);
      grant select (id, version) on workflow_executions to proviso_follower;
    `);
  }
}
