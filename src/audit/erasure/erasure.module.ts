import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { CONFIGURATION } from '../../platform/config/config.module.js';
import { Sql } from '../../platform/database/sql.js';
import { EventTypes } from '../event-types.js';
import { EraseSubjectHandler } from './commands/erase-subject.js';
import { EncryptionKeys, loadEncryptionKeys } from './encryption-keys.js';
import { ErasureController } from './erasure.controller.js';
import { ErasureMetrics } from './erasure-metrics.js';
import { sensitiveValuesRead, subjectErased } from './erasure.events.js';
import { SensitiveReads } from './sensitive-reads.js';
import { SubjectKeys } from './subject-keys.js';

/** Keeps the keys that make values of the append-only trail erasable. */
@Global()
@Module({
  imports: [CqrsModule],
  controllers: [ErasureController],
  providers: [
    { provide: EncryptionKeys, inject: [CONFIGURATION], useFactory: loadEncryptionKeys },
    ErasureMetrics,
    EraseSubjectHandler,
    SensitiveReads,
    SubjectKeys,
  ],
  exports: [ErasureMetrics, SensitiveReads, SubjectKeys],
})
export class ErasureModule implements OnModuleInit {
  constructor(
    private readonly sql: Sql,
    private readonly encryptionKeys: EncryptionKeys,
    eventTypes: EventTypes,
  ) {
    eventTypes.register([sensitiveValuesRead, subjectErased]);
  }

  /** @throws Error when values were sealed with a key that is not configured: they could not be read any more */
  async onModuleInit(): Promise<void> {
    const { rows } = await this.sql.pool.query<{ key_id: string }>(
      'select key_id from encryption_keys order by key_id',
    );
    const missing = rows.map(({ key_id }) => key_id).filter((id) => !this.encryptionKeys.has(id));
    if (missing.length === 0) return;
    throw new Error(
      `Values in this database were sealed with the encryption key ${missing.join(', ')}, and ENCRYPTION_KEY is ` +
        `${this.encryptionKeys.currentId}. Set the right one; when keys are rotated, the new one and the old one ` +
        'behind it, separated by a comma. If a key is lost for good, delete its row from the table encryption_keys; ' +
        'what was sealed with it stays unreadable.',
    );
  }
}
