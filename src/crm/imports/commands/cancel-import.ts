import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { findImport } from '../find-import.js';
import { discardUpload } from '../stored-upload.js';

/** Stops an import; the leads that it created stay. */
export class CancelImport extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(CancelImport)
export class CancelImportHandler implements ICommandHandler<CancelImport> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws not-found, conflict `import-finished` */
  execute({ actor, id }: CancelImport): Promise<void> {
    return this.unitOfWork.run(actor, async (unit) => {
      const leadImport = await findImport(unit.em, id);
      unit.record('lead-import', leadImport, ...leadImport.cancel(new Date()));
      await discardUpload(unit.em, id);
    });
  }
}
