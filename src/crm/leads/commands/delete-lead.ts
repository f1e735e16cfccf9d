import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { findLead } from '../find-lead.js';

/** Takes a lead out of the lists; its row and its trail stay. */
export class DeleteLead extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
    readonly expectedVersion?: number,
  ) {
    super();
  }
}

@CommandHandler(DeleteLead)
export class DeleteLeadHandler implements ICommandHandler<DeleteLead> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws not-found, stale */
  execute({ actor, id, expectedVersion }: DeleteLead): Promise<void> {
    return this.unitOfWork.run(actor, async (unit) => {
      const lead = await findLead(unit.em, id);
      unit.record('lead', lead, ...lead.delete(new Date(), expectedVersion));
    });
  }
}
