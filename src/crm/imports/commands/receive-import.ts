import type { Readable } from 'node:stream';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { newId } from '../../../kernel/id.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { Queues } from '../../../platform/queue/queues.js';
import { csvRows } from '../csv-rows.js';
import { findImport } from '../find-import.js';
import { importJob } from '../import-alarm.js';
import type { ImportRow } from '../import-row.js';
import { type ImportFormat, LeadImport } from '../lead-import.js';
import { ndjsonRows } from '../ndjson-rows.js';
import { discardUpload, storeUpload } from '../stored-upload.js';

export interface Upload {
  readonly body: Readable;
  readonly format: ImportFormat;
  readonly isDryRun: boolean;
  /** Of CSV: field by column, null for a column that is left out. */
  readonly mapping?: Readonly<Record<string, string | null>>;
}

/** An upload that was received as a whole. */
export interface ReceivedImport {
  readonly jobId: string;
  readonly total: number;
}

/** Stores an upload of leads and has it taken in by a job. */
export class ReceiveImport extends Command<ReceivedImport> {
  constructor(
    readonly actor: Actor,
    readonly upload: Upload,
  ) {
    super();
  }
}

@CommandHandler(ReceiveImport)
export class ReceiveImportHandler implements ICommandHandler<ReceiveImport> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sql: Sql,
    private readonly queues: Queues,
  ) {}

  /** @throws malformed or invalid for an upload that cannot be read; nothing of it is imported then */
  async execute({ actor, upload }: ReceiveImport): Promise<ReceivedImport> {
    // The idempotency key counts for the upload as a whole, so the last transaction takes it.
    const { idempotency: _, ...receiver } = actor;
    const jobId = await this.begin(receiver, upload);
    try {
      const place = { organizationId: actor.organizationId, importId: jobId };
      const total = await storeUpload(this.sql, place, rowsOf(upload));
      const received = await this.queue(actor, { jobId, total });
      if (received.jobId !== jobId) await this.giveUp(receiver, jobId, 'The same request was answered before.');
      return received;
    } catch (error) {
      await this.giveUp(receiver, jobId, (error as Error).message);
      throw error;
    }
  }

  private begin(actor: Actor, { format, isDryRun }: Upload): Promise<string> {
    return this.unitOfWork.run(actor, async (unit) => {
      const { organizationId, correlationId, id: userId } = actor;
      const place = { id: newId(), organizationId, correlationId };
      const leadImport = LeadImport.receive(place, { format, isDryRun }, { userId, now: new Date() });
      unit.em.persist(leadImport);
      return leadImport.id;
    });
  }

  private queue(actor: Actor, received: ReceivedImport): Promise<ReceivedImport> {
    return this.unitOfWork.run(actor, async (unit) => {
      const leadImport = await findImport(unit.em, received.jobId);
      unit.record('lead-import', leadImport, ...leadImport.queue(received.total, new Date()));
      unit.onCommitted(() => this.queues.wake('jobs', [importJob(leadImport)]));
      return received;
    });
  }

  private giveUp(actor: Actor, id: string, reason: string): Promise<void> {
    return this.unitOfWork.run(actor, async (unit) => {
      const leadImport = await findImport(unit.em, id);
      if (leadImport.isFinished()) return;
      unit.record('lead-import', leadImport, ...leadImport.fail(reason, new Date()));
      await discardUpload(unit.em, id);
    });
  }
}

const rowsOf = ({ body, format, mapping }: Upload): AsyncIterable<ImportRow> =>
  format === 'csv' ? csvRows(body, mapping) : ndjsonRows(body);
