import { Migration } from '@mikro-orm/migrations';

/** How far the sealer has come, and the ways to find a seal by time and by the rows it covers. */
export class Sealing extends Migration {
  override up(): void {
    this.addSql(`
      insert into relay_checkpoints values ('sealer', 0, '0', 0);
      grant select, update on relay_checkpoints to proviso_sealer;

      create index on audit_seals (organization_id, sealed_at);
      create index on audit_seals (organization_id, last_epoch, last_tx, last_position);

      -- Hashes cannot be compressed, so nobody should try.
      alter table audit_tiles alter column hashes set storage external;
    `);
  }
}
